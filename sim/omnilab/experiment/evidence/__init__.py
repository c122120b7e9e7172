"""Published experiments as files: run on twins, and scored against what was found."""
