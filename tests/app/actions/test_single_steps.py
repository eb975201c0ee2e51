"""Single training steps: as many as presses; a held key waits for the step before."""

from app.actions.single_steps import SingleSteps


class Controller:
    """Keeps what is requested until `finish`."""

    def __init__(self):
        self.waiting = []

    def step_once(self, done, failed):
        self.waiting.append((done, failed))

    def finish(self, *, well=True):
        done, failed = self.waiting.pop(0)
        done(None) if well else failed(None)


def test_each_press_is_a_step_and_a_held_key_asks_one_at_a_time():
    controller, said, held = Controller(), [], [False]
    steps = SingleSteps(controller, lambda: held[0], said.append)
    for _ in range(3):
        steps.act()
    assert len(controller.waiting) == 3
    assert said == ["2 training steps requested one by one", "3 training steps requested one by one"]
    held[0] = True
    steps.act()
    assert len(controller.waiting) == 3
    controller.finish()
    controller.finish(well=False)
    controller.finish()
    steps.act()
    steps.act()
    assert len(controller.waiting) == 1
