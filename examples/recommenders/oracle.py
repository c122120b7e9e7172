"""An oracle: every message shows what its reader would like best. A bound, and no strategy."""

from omnilab.strategy import Brand, Journey, Plan, Sharing, Step


class Oracle:
    name = "oracle"

    def plan(self, brand: Brand) -> Plan:
        return Plan(Sharing.every("all"), journeys=tuple(map(self.knowing, brand.journeys)))

    def knowing(self, journey: Journey) -> Journey:
        """Return a journey whose messages read their readers' true tastes."""
        steps = tuple(self.liked(step) for step in journey.steps)
        return journey.model_copy(update={"steps": steps})

    @staticmethod
    def liked(step: Step) -> Step:
        if step.message is None:
            return step
        message = step.message.model_copy(update={"recommends": "liked"})
        return step.model_copy(update={"message": message})
