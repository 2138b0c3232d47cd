"""Parameter groups whose rates differ, from one description."""

from __future__ import annotations

from typing import Any

from torch.nn import Module

from lrcore.advice import GroupRates


def parameter_groups(model: Module, rates: GroupRates) -> list[dict[str, Any]]:
    """The parameters of a model in groups by their factors, for an optimizer.

        optimizer = torch.optim.AdamW(parameter_groups(model, rates))
        scheduler = ScheduleLR(optimizer, rates.schedules(lr))

    Each group has its label as `name`, by which `ScheduleLR` finds its schedule. What needs no gradient is left out.

    Args:
        model: the model.
        rates: the factors by name: a `lrcore.advice.GroupRates`, such as `layerwise(12)`.

    Raises:
        ValueError: a rule is found in no parameter's name.

    >>> import torch
    >>> model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1))
    >>> groups = parameter_groups(model, GroupRates([("^1", 10.0)]))
    >>> [(group["name"], len(group["params"])) for group in groups]
    [('x1.0', 2), ('x10.0', 2)]
    """
    parameters = dict(model.named_parameters())
    groups = {
        label: [parameters[name] for name in names if parameters[name].requires_grad]
        for label, names in rates.groups(parameters).items()
    }
    return [{"params": trained, "name": label} for label, trained in groups.items() if trained]
