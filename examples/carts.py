"""Only messages about carts, and only about carts that are worth one."""

from omnilab.strategy import Brand, Choices, Decisions, Plan, Sharing


class CartsOnly:
    name = "carts_only"

    def plan(self, brand: Brand) -> Plan:
        carts = tuple(j for j in brand.journeys if j.trigger == "cart")
        return Plan(sharing=Sharing.every("all"), journeys=carts)

    def decide(self, pending: Decisions) -> Choices:
        return Choices(send=pending.cart_cents >= 1000)
