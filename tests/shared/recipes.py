"""Recipes of the zoo that are compared in every framework: of each kind of schedule one, since that takes its time."""

from __future__ import annotations

from lrcore import Schedule
from lrcore.zoo import RECIPES as ZOO

NAMES = (
    "resnet-cifar10",
    "resnet50-goyal",
    "sgdr",
    "super-convergence",
    "cyclical-cifar10",
    "transformer-base",
    "bert-base",
    "t5",
    "gpt3-175b",
    "vit-jft",
    "deepseek-v3",
    "deeplab-v3",
    "minicpm-wsd",
    "wsd-1-sqrt",
)

RECIPES: dict[str, Schedule] = {name: ZOO[name].schedule for name in NAMES}
