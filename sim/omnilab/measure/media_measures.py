"""Measures of media without an address: contacts, who knows the brand, and new customers by how."""

from __future__ import annotations

from typing import Final

from omnilab.measure.ratio import Measure, mean, millicents, share

__all__ = ["media_measures"]

_WHEN: Final = (
    ("awareness_start", "Awareness at the start", "start", "known_start"),
    ("awareness_middle", "Awareness in the middle", "middle", "known_middle"),
    ("awareness", "Awareness at the end", "end", "known_end"),
)
#: How they came to know the brand; `omnilab.log.kinds.people.Knows` has the numbers.
_HOW: Final = (
    ("media", "media", "a medium without an address, or a board"),
    ("tips", "tips", "a friend"),
    ("posts", "posts", "a post"),
    ("content", "content", "an article that a search found"),
    ("visits", "visits", "a visit that nothing else had told of"),
    ("paid_search", "paid search", "a paid click"),
)


def media_measures() -> list[Measure]:
    """Return the measures; those of who knows the brand are null where all know it."""
    known = [
        share(
            name,
            title,
            f"persons who know the brand at the window's {when} / persons",
            top,
            "known_of",
            "higher",
            what=f"The share of customers who know the brand at the window's {when}: by its name, "
            "for now, or for good.",
        )
        for name, title, when, top in _WHEN
    ]
    by = [
        mean(
            f"new_by_{name}",
            f"New customers by {title} per customer",
            f"new customers whom {title} first told of the brand / persons",
            f"new_by_{name}",
            "known_of",
            "higher",
            what="Persons whose first order ever is in the window, and whom "
            f"{how} first told of the brand, for each customer.",
        )
        for name, title, how in _HOW
    ]
    return [
        mean(
            "media_contacts",
            "Media contacts per customer",
            "contacts with radio, television and print in the window / persons",
            "n_media_contact",
            "persons",
            what="Contacts with flights of the media plan for each customer, noticed or not.",
        ),
        *known,
        *by,
        *_content(),
        *_posts(),
        millicents(
            "media_cost",
            "Media cost per customer",
            "cost of contacts without an address in the window / persons",
            "media_cost",
            "persons",
            "lower",
            what="The part of contact cost that is paid for contacts with flights of the media "
            "plan and for paid views of posts.",
        ),
        millicents(
            "cost_per_new_by_media",
            "Media cost per new customer by media",
            "media cost / new customers whom media first told of the brand",
            "media_cost",
            "new_by_media",
            "lower",
            what="What the media plan costs for each new customer whom it first told of the brand.",
        ),
    ]


def _content() -> list[Measure]:
    """Return the measures of articles and of unpaid search."""
    return [
        mean(
            "reads",
            "Reads per customer",
            "articles found by a search and read in the window / persons",
            "n_read",
            "persons",
            "higher",
            what="Reads of the brand's articles for each customer.",
        ),
        share(
            "read_move_rate",
            "Reads that lead to goods",
            "reads whose reader goes on to the goods / reads",
            "reads_moved",
            "n_read",
            "higher",
            what="The share of reads after which the reader goes on to the goods at once.",
        ),
        share(
            "organic_visit_rate",
            "Visits from unpaid search",
            "visits by an unpaid result / visits",
            "organic_visits",
            "n_visit",
            what="The share of visits that an unpaid search result led to.",
        ),
        share(
            "organic_order_rate",
            "Orders with a visit from unpaid search",
            "orders whose need had a visit by an unpaid result / orders whose need is remembered",
            "organic_orders",
            "path_orders",
            what="The share of orders on whose way an unpaid search result led to a visit. It is "
            "credit, not effect: who searches wants something.",
        ),
        share(
            "name_visit_rate",
            "Visits after a search of the name",
            "visits by a search of the brand's name after a contact with a medium / visits",
            "name_visits",
            "n_visit",
            what="The share of visits that begin by a search of the brand's name right after a "
            "contact with a medium.",
        ),
    ]


def _posts() -> list[Measure]:
    """Return the measures of posts."""
    acts = [
        mean(
            f"post_{name}",
            f"{title} of posts per customer",
            f"{name} of posts in the window / persons",
            f"post_{name}",
            "persons",
            "higher",
            what=f"{title} of the brand's posts for each customer.",
        )
        for name, title in (("likes", "Likes"), ("comments", "Comments"), ("shares", "Shares"))
    ]
    return [
        mean(
            "post_views",
            "Views of posts per customer",
            "posts seen in the window / persons",
            "n_post_seen",
            "persons",
            "higher",
            what="Posts of the brand that are seen, for each customer: in the feed, paid for, or "
            "shared by a friend.",
        ),
        *acts,
        share(
            "post_engagement",
            "Engagement with posts",
            "likes, comments and shares / posts seen",
            "post_likes post_comments post_shares",
            "n_post_seen",
            "higher",
            what="Likes, comments and shares for each post that is seen.",
        ),
        share(
            "post_shared_rate",
            "Posts seen by friends' shares",
            "posts seen that a friend shared / posts seen",
            "post_shared",
            "n_post_seen",
            what="The share of views that come by a friend.",
        ),
        share(
            "post_order_rate",
            "Orders with a visit from a post",
            "orders whose need had a visit by a post's link / orders whose need is remembered",
            "post_orders",
            "path_orders",
            what="The share of orders on whose way a post's link led to a visit.",
        ),
    ]
