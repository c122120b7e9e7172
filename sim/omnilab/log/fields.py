"""Reading the fields of rows in compiled code; Python has `omnilab.log.reading.of_kind`."""

from __future__ import annotations

from omnilab.log.kinds import (
    accounts,
    brand,
    desks,
    hearsay,
    messages,
    needs,
    orders,
    people,
    places,
)
from omnilab.log.layout import field

__all__: list[str] = []

person_persona = field(people.Person, "persona")
person_prior = field(people.Person, "prior")
person_entry = field(people.Person, "entry")
need_need = field(needs.NeedRow, "need")
need_value = field(needs.NeedRow, "value")
aware_cause = field(needs.Aware, "cause")
visit_need = field(needs.Visit, "need")
visit_cause = field(needs.Visit, "cause")
visit_cost = field(needs.Visit, "cost")
visit_returning = field(needs.Visit, "returning")
visit_carry_needed = field(needs.Visit, "carry_needed")
visit_carried = field(needs.Visit, "carried")
visit_on_device = field(needs.Visit, "on_device")
identifier_code = field(needs.Identifier, "code")
identifier_type = field(needs.Identifier, "type")
passed_cost = field(places.Passed, "cost")
media_contact_cost = field(hearsay.MediaContact, "cost")
knows_by = field(people.Knows, "by")
knows_new = field(people.Knows, "new")
knows_until = field(people.Knows, "until")
account_member_roles = field(accounts.AccountMember, "roles")
account_order_opened = field(accounts.AccountOrder, "opened")
read_moves = field(hearsay.Read, "moves")
post_seen_how = field(hearsay.PostSeen, "how")
post_seen_does = field(hearsay.PostSeen, "does")
post_seen_cost = field(hearsay.PostSeen, "cost")
visit_source = field(needs.Visit, "source")
cart_left_need = field(needs.CartLeft, "need")
give_up_need = field(needs.GiveUp, "need")
give_up_steps = field(needs.GiveUp, "steps")
order_need = field(orders.Order, "need")
order_paid = field(orders.Order, "paid")
order_margin = field(orders.Order, "margin")
order_discount = field(orders.Order, "discount")
return_refund = field(orders.Return, "refund")
return_margin = field(orders.Return, "margin")
need_lost_need = field(needs.NeedLost, "need")
need_lost_fate = field(needs.NeedLost, "fate")
service_known = field(orders.Service, "known")
served_wait = field(desks.Served, "wait")
line_left_wait = field(desks.LineLeft, "wait")
handed_over_late = field(orders.HandedOver, "late")
redeemed_off = field(orders.Redeemed, "off")
redeemed_gift_cost = field(orders.Redeemed, "gift_cost")
line_price = field(orders.Line, "price")
line_told = field(orders.Line, "told")
line_is_first = field(orders.Line, "is_first")
line_moved = field(orders.Line, "moved")
answer_by = field(desks.Answer, "by")
answer_solved = field(desks.Answer, "solved")
answer_attempt = field(desks.Answer, "attempt")
answer_wait = field(desks.Answer, "wait")
answer_length = field(desks.Answer, "length")
answer_cost = field(desks.Answer, "cost")
record_code = field(people.RecordRow, "code")
record_type = field(people.RecordRow, "type")
record_first = field(people.RecordRow, "first")
act_act = field(people.ActRow, "act")
act_cost = field(people.ActRow, "cost")
replied_cost = field(messages.Replied, "cost")
accepted_cost = field(messages.Accepted, "cost")
contact_known = field(desks.Contact, "known")
bad_why = field(people.Bad, "why")
left_why = field(people.Left, "why")
opt_in_code = field(people.OptIn, "code")
opt_in_type = field(people.OptIn, "type")
opt_in_visited = field(people.OptIn, "visited")
message_id = field(messages.MessageRow, "message")
message_journey = field(messages.MessageRow, "journey")
message_step = field(messages.MessageRow, "step")
response_receipt = field(messages.Response, "receipt")
message_profile = field(messages.Sent, "profile")  # of sent, skipped, held and final rows
sent_cost = field(messages.Sent, "cost")
unfunded_seconds = field(messages.Unfunded, "seconds")
skipped_reason = field(messages.Skipped, "reason")
final_status = field(messages.Finished, "status")
final_sends = field(messages.Finished, "sends")
enter_journey = field(brand.Enter, "journey")
