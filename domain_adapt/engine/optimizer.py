"""AdamW on float32 master weights, whatever precision the model computes in."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from domain_adapt.base.errors import VerificationError


class MasterAdamW:
    """AdamW (Loshchilov and Hutter 2019) that keeps its own float32 copy of each weight.

    A step of 1e-4 on a bf16 weight of 0.1 is lost in rounding; on the copy it is not. Where the
    model is float32 already, the copy is the weight itself and costs nothing.

    Args:
        parameters: The trainable parameters by name.
        weight_decay: Decoupled decay of every step.
    """

    def __init__(
        self, parameters: Mapping[str, torch.nn.Parameter], *, weight_decay: float
    ) -> None:
        self._parameters = dict(parameters)
        self._masters = {
            name: parameter if parameter.dtype == torch.float32 else _master(parameter)
            for name, parameter in self._parameters.items()
        }
        self._optimizer = torch.optim.AdamW(
            list(self._masters.values()), lr=0.0, weight_decay=weight_decay
        )

    def step(self, *, learning_rate: float, max_norm: float) -> float:
        """Clip, step and clear the gradients; return their norm before clipping."""
        for name, master in self._masters.items():
            parameter = self._parameters[name]
            if master is not parameter:
                gradient = parameter.grad
                master.grad = None if gradient is None else gradient.float()
                parameter.grad = None
        norm = torch.nn.utils.clip_grad_norm_(list(self._masters.values()), max_norm)
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self._publish()
        return float(norm)

    def weights(self) -> dict[str, torch.Tensor]:
        """Return a copy of the master weights by name."""
        return {name: master.detach().clone() for name, master in self._masters.items()}

    def load_weights(self, weights: Mapping[str, torch.Tensor]) -> None:
        """Set the master weights and the model's."""
        with torch.no_grad():
            for name, master in self._masters.items():
                master.copy_(weights[name])
        self._publish()

    def state(self) -> dict[str, torch.Tensor]:
        """Return everything a resumed run needs, as flat tensors."""
        flat = {f"weight:{name}": value for name, value in self.weights().items()}
        for name, master in self._masters.items():
            for key, value in self._optimizer.state.get(master, {}).items():
                flat[f"{key}:{name}"] = value.detach().clone()
        return flat

    def load_state(self, flat: Mapping[str, torch.Tensor]) -> None:
        """Go on from what ``state`` returned.

        Raises:
            VerificationError: The state belongs to other parameters.
        """
        names = {key.partition(":")[2] for key in flat}
        if names != set(self._masters):
            raise VerificationError(
                "DA-TRAIN-001",
                f"The checkpoint holds {len(names)} parameters that are not this adapter's.",
                hint="Run again with --fresh to start over.",
            )
        self.load_weights({name: flat[f"weight:{name}"] for name in self._masters})
        for name, master in self._masters.items():
            for key in ("step", "exp_avg", "exp_avg_sq"):
                if f"{key}:{name}" in flat:
                    # torch keeps the step counter on the CPU and the moments beside the weight
                    place = torch.device("cpu") if key == "step" else master.device
                    value = flat[f"{key}:{name}"].detach().to(place, copy=True)
                    self._optimizer.state[master][key] = value

    def _publish(self) -> None:
        with torch.no_grad():
            for name, master in self._masters.items():
                if master is not self._parameters[name]:
                    self._parameters[name].copy_(master)


def _master(parameter: torch.nn.Parameter) -> torch.Tensor:
    return parameter.detach().float().clone().requires_grad_(True)
