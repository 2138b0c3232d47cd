"""The schedules of well-known papers, as they would be written here."""

from __future__ import annotations

from lrcore import (
    Constant,
    Cosine,
    Cyclic,
    InverseSqrt,
    Linear,
    MultiStep,
    OneCycle,
    Polynomial,
    Schedule,
    ShiftedExponential,
    WarmRestarts,
    noam,
    wsd,
)

RECIPES: dict[str, Schedule] = {
    # He et al., Deep Residual Learning (arXiv:1512.03385), section 4.2; Goyal et al. (arXiv:1706.02677), section 5.1
    "ResNet on CIFAR-10": MultiStep(0.1, milestones=[32_000, 48_000]),
    "ResNet on ImageNet": MultiStep(0.1, milestones=[30, 60, 80]).per_epoch(5_004),
    # Loshchilov and Hutter, SGDR (arXiv:1608.03983), section 4.1
    "SGDR": WarmRestarts(0.05, steps=10, growth=2).per_epoch(391, smooth=True),
    # Smith and Topin, Super-Convergence (arXiv:1708.07120), section 5, and the cycles that it starts from
    "super-convergence": OneCycle(3.0, steps=10_000, pct_start=0.45, div_factor=30, shape="linear"),
    "cyclical rates": Cyclic(0.1, high=3.0, up=5_000),
    # Vaswani et al., Attention Is All You Need (arXiv:1706.03762), section 5.3
    "Transformer": noam(512, warmup=4_000),
    # Devlin et al., BERT (arXiv:1810.04805), appendix A.2
    "BERT": Linear(1e-4, end=0.0, steps=1_000_000).warmup(10_000),
    # Raffel et al., T5 (arXiv:1910.10683), section 3.1.2
    "T5": Constant(0.01).then(InverseSqrt(0.01, timescale=10_000), at=10_000),
    # Brown et al., GPT-3 (arXiv:2005.14165), appendix B: tokens as batches of 3.2 million
    "GPT-3": Cosine(6e-4, steps=81_250, end=6e-5).warmup(117),
    # Dosovitskiy et al., ViT (arXiv:2010.11929), appendix B
    "ViT": Linear(8e-4, end=0.0, steps=300_000).warmup(10_000),
    "ViT, fine-tuned": Cosine(0.03, steps=20_000).warmup(500),
    # Chen et al., DeepLabv3 (arXiv:1706.05587), section 4
    "DeepLab": Polynomial(0.007, steps=30_000, power=0.9),
    # Hu et al., MiniCPM (arXiv:2404.06395), section 4, and Haegele et al. (arXiv:2405.18392), section 3
    "WSD": wsd(0.01, steps=50_000, warmup=1_000, cooldown=5_000, end=1e-3, shape=ShiftedExponential),
    "WSD, 1-sqrt": wsd(1e-3, steps=50_000, warmup=300, cooldown=10_000),
}
