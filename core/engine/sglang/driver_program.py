# Runs a file of a user's with the border open, and keeps what its function step() launches. No model
# and no deployment: modules are those that the file keeps in variables, by their names.
from driver_calls import Forward
from driver_edge import prepare
from driver_common.release import run_all


class Program(Forward):
    """The border and the recorder of a step, without a model runner."""

    def __init__(self, request):
        super().__init__(None, {"steps": [{}], "kernels": request["kernels"]})
        self.name = request["program"]

    def take_program(self):
        import torch
        from torch import nn

        torch.set_default_device("cuda")
        self.open_border()
        try:
            variables = dict(vars(run_all(self.name)))
            step = variables.get("step")
            if not callable(step):
                raise LookupError("it has no function step(), whose launches would be listed")
            owner = nn.Module()
            for name, value in variables.items():
                if isinstance(value, nn.Module):
                    setattr(owner, name, value)
            self.recorder.learn(owner)
            self.recorder.clear()
            self.recorder.on = True
            with torch.no_grad():
                step()
            return {"status": "ok", **self.recorder.result()}
        finally:
            self.recorder.on = False
            self.close_border()


def run(request):
    program = None
    try:
        prepare(request["platform"])
        program = Program(request)
        return program.take_program()
    except Exception as error:
        return {
            "status": "failed",
            "stage": "program",
            "error_type": type(error).__name__,
            "error": str(error),
            "exception": error,
            "unknown": [] if program is None else list(program.recorder.unknown.values()),
        }
