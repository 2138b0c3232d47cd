"""Words of the tools, for a page that is up before they are imported: that takes a while in a browser."""

READ = (
    "lrcore's to_dict",
    "a class of a configuration",
    "DeepSpeed's scheduler",
    "torchtitan's configuration",
    "axolotl's configuration",
    "Hugging Face's TrainingArguments",
    "Keras's get_config",
    "timm's arguments",
    "nanoGPT's train.py",
    "Megatron-LM's options",
    "open_clip's options",
)
"""The formats of data that `lrcore.port.read` knows."""

WRITE = ("torch", "keras", "optax", "huggingface", "lrcore", "python")
"""Whose code `lrcore.port.write` writes."""

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
MODELS = ("transformer", "convnet", "diffusion", "other")
DTYPES = ("float32", "bfloat16", "float16")
"""What a `lrcore.advice.Plan` takes."""
