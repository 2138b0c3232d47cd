"""Elementary functions by arithmetic alone: the same bits for a number and in an array, on every machine.

NumPy's logarithm depends on the processor: on some, 1 in 250 is an ulp off the C library's. And the square of a sine
doubles the errors of the angle and of the sine, which is an ulp off in some libraries.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

_SQRT_HALF = math.sqrt(0.5)

_LN2_HIGH = float.fromhex("0x1.62e42fep-1")
"""ln 2 to 28 bits: its product with an exponent is exact."""
_LN2_LOW = float.fromhex("0x1.f473de6af278fp-30")

_TERMS = tuple(2.0 / (2 * i + 1) for i in range(10, 0, -1))


def log(x: float) -> float:
    """Ln x, for finite x above 0."""
    m, k = math.frexp(x)
    value: float = _log(2.0 * m, k - 1) if m < _SQRT_HALF else _log(m, k)
    return value


def log_array(x: Any) -> Any:
    """Ln x of a NumPy array, for finite x above 0."""
    import numpy as np

    if x.min(initial=1.0) >= _SQRT_HALF and x.max(initial=1.0) <= 1.0:  # where a power's base is, near an end
        return _log(x, 0)
    m, k = np.frexp(x)
    small = m < _SQRT_HALF
    return _log(np.where(small, 2.0 * m, m), k - small)


def _log(m: Any, k: Any) -> Any:
    """Ln of m·2**k, for m from sqrt(1/2) to sqrt(2), to less than an ulp.

    With f = m - 1 and s = f/(2 + f), ln m = 2·artanh s = 2s + 2s³/3 + 2s⁵/5 + …, and 2s = f - f²/2 + s·f²/2, of which f
    is exact: nothing is lost near m = 1.
    """
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    series = _horner(_TERMS, z)
    series *= z  # from here on in place, where these are arrays
    half = 0.5 * f
    half *= f
    series += half
    series *= s
    series += k * _LN2_LOW
    half -= series
    f -= half
    f += k * _LN2_HIGH
    return f


def _horner(terms: Sequence[float], y: Any) -> Any:
    """The polynomial of y with these coefficients, that of the highest power first; in place, where y is an array."""
    value = y * terms[0]
    for term in terms[1:-1]:
        value += term
        value *= y
    value += terms[-1]
    return value


_SERIES = (
    -1.994737363149505e-11,
    1.5656150384406213e-09,
    -9.396807493828225e-08,
    4.275559752268863e-06,
    -0.00014109347441443616,
    0.003174603174602221,
    -0.04444444444444442,
    0.3333333333333333,
)
"""(y - sin²√y)/y² = 1/3 - 2y/45 + y²/315 - … to 2e-19 for y up to (π/4)²: by Chebyshev, two terms less than by Taylor."""


def sin_squared(p: Any, q: Any) -> Any:
    """sin²(p - q), for p from 0 to π/4 and a q that only corrects its rounding: to less than four ulp.

    With y the square of the angle, sin² = y - series(y)·y².
    """
    y = p - 2.0 * q
    y *= p
    series = _horner(_SERIES, y)
    series *= y
    series *= y
    return y - series


def split(x: Any) -> tuple[Any, Any]:
    """The first 26 bits, and the rest.

    Reference: Dekker, A floating-point technique for extending the available precision (1971).
    """
    y = x * 134_217_729.0  # 2**27 + 1
    high = y - (y - x)
    return high, x - high


def one_minus_power(base: Any, off: Any, power: Any, raised: Callable[[], Any], xp: Any) -> Any:
    """1 - base**power for 0 <= base <= 1, to the last digits of a small result too.

    `off` is 1 - base, known better than base can tell. `raised` gives base**power, and is asked for where it is below 1/2.
    """
    x = power * log_below_1(base, off, xp)
    return xp.either(x >= -LN2, lambda: -xp.expm1_near_0(xp.maximum(x, -LN2)), lambda: 1.0 - raised())


def log_below_1(u: Any, off: Any, xp: Any) -> Any:
    """Ln u for 0 <= u <= 1, where `off` is 1 - u; finite at 0.

    It is off·log(u)/(1 - u), of which the quotient changes so slowly near 1 that the rounding of u does not matter. log1p
    would do as well, but compiled array programs have it with errors of up to 128 ulp; and likewise expm1.

    Reference: Higham, Accuracy and Stability of Numerical Algorithms, section 1.14.1.
    """
    u = xp.minimum(xp.maximum(u, 1e-300), _BEFORE_1)
    return off * (xp.log(u) / (1.0 - u))


_BEFORE_1 = 1.0 - 2.0**-53
LN2 = math.log(2.0)

_COTH_SERIES = (
    2.565395630358567e-11,
    -1.0561101631357928e-09,
    4.175327650190284e-08,
    -1.6534391135948973e-06,
    6.613756613437963e-05,
    -0.002777777777777682,
    0.16666666666666666,
)
"""(x·coth(x/2) - 2)/x² = 1/6 - x²/360 + x⁴/15120 - … to 5e-19 for x up to ln 2, of x²: by Chebyshev."""


def expm1(x: Any) -> Any:
    """E**x - 1 = 2x/(x·coth(x/2) - x), for x from -ln 2 to ln 2."""
    y = x * x
    series = _horner(_COTH_SERIES, y)
    series *= y
    series -= x
    series += 2.0
    return (x + x) / series
