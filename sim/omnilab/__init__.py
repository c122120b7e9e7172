"""omnilab: try omnichannel strategies on synthetic customers before real ones meet them."""
__version__ = "0.1.0"
