"""Words that tools take: here, so that a command or a page can name them before it imports a tool, which takes a while."""

MODELS = ("transformer", "convnet", "diffusion", "other")
"""The kinds of model that rules tell apart."""

OPTIMIZERS = (
    "adam",
    "adamw",
    "nadam",
    "radam",
    "sgd",
    "rmsprop",
    "adagrad",
    "adafactor",
    "lamb",
    "lars",
    "lion",
    "muon",
    "prodigy",
    "dadaptation",
    "other",
)
"""The optimizers that rules tell apart."""

DTYPES = ("float32", "bfloat16", "float16")
"""What parameters may be kept in."""

TARGETS = ("torch", "keras", "optax", "huggingface", "lrcore", "python")
"""Whose code `lrcore.port.write` writes."""
