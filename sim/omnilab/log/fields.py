"""Reading the fields of rows in compiled code; Python reads them by `omnilab.log.rows.of_kind`."""

from __future__ import annotations

from omnilab.log import rows
from omnilab.log.layout import field

__all__: list[str] = []

person_persona = field(rows.Person, "persona")
person_prior = field(rows.Person, "prior")
person_entry = field(rows.Person, "entry")
need_need = field(rows.NeedRow, "need")
need_value = field(rows.NeedRow, "value")
aware_cause = field(rows.Aware, "cause")
visit_need = field(rows.Visit, "need")
visit_cause = field(rows.Visit, "cause")
visit_cost = field(rows.Visit, "cost")
visit_returning = field(rows.Visit, "returning")
visit_carry_needed = field(rows.Visit, "carry_needed")
visit_carried = field(rows.Visit, "carried")
visit_on_device = field(rows.Visit, "on_device")
identifier_code = field(rows.Identifier, "code")
identifier_type = field(rows.Identifier, "type")
cart_left_need = field(rows.CartLeft, "need")
give_up_need = field(rows.GiveUp, "need")
give_up_steps = field(rows.GiveUp, "steps")
order_need = field(rows.Order, "need")
order_paid = field(rows.Order, "paid")
order_margin = field(rows.Order, "margin")
order_discount = field(rows.Order, "discount")
return_refund = field(rows.Return, "refund")
return_margin = field(rows.Return, "margin")
need_lost_need = field(rows.NeedLost, "need")
need_lost_fate = field(rows.NeedLost, "fate")
service_known = field(rows.Service, "known")
served_wait = field(rows.Served, "wait")
line_left_wait = field(rows.LineLeft, "wait")
handed_over_late = field(rows.HandedOver, "late")
bad_why = field(rows.Bad, "why")
left_why = field(rows.Left, "why")
opt_in_code = field(rows.OptIn, "code")
opt_in_type = field(rows.OptIn, "type")
opt_in_visited = field(rows.OptIn, "visited")
message_id = field(rows.MessageRow, "message")
message_journey = field(rows.MessageRow, "journey")
message_step = field(rows.MessageRow, "step")
response_receipt = field(rows.Response, "receipt")
message_profile = field(rows.Sent, "profile")  # of sent, skipped, held and final rows
sent_cost = field(rows.Sent, "cost")
skipped_reason = field(rows.Skipped, "reason")
final_status = field(rows.Finished, "status")
final_sends = field(rows.Finished, "sends")
enter_journey = field(rows.Enter, "journey")
