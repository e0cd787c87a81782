"""Ed25519 from RFC 8032, section 5.1.

In scope: public keys, signing, and strict verification (S below L, no small-order key or R, canonical points), plus the
means to make signatures that a strict verifier must refuse. Slow and not constant-time: for vectors only.
"""

import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)


def _add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _mul(n, p):
    out = IDENTITY
    while n:
        if n & 1:
            out = _add(out, p)
        p = _add(p, p)
        n >>= 1
    return out


def _equal(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def _recover_x(y, sign):
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if x2 == 0:
        return None if sign else 0
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * SQRT_MINUS_1 % P
    if (x * x - x2) % P:
        return None
    return P - x if x & 1 != sign else x


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = _recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def compress(p):
    """Encodes a point, 32 bytes."""
    inverse = pow(p[2], P - 2, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decompress(data):
    """Decodes a point; None unless the encoding is canonical."""
    if len(data) != 32:
        return None
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    x = _recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def _int_hash(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def secret(seed):
    """The scalar and the prefix of a 32-byte seed."""
    h = hashlib.sha512(seed).digest()
    a = int.from_bytes(h[:32], "little") & (1 << 254) - 8 | 1 << 254
    return a, h[32:]


def public_key(seed):
    """The 32-byte public key of a seed."""
    return compress(_mul(secret(seed)[0], BASE))


def sign(seed, message):
    """Signs, 64 bytes."""
    a, prefix = secret(seed)
    key = public_key(seed)
    r = _int_hash(prefix, message) % L
    big_r = compress(_mul(r, BASE))
    s = (r + _int_hash(big_r, key, message) * a) % L
    return big_r + s.to_bytes(32, "little")


def sign_with_small_order_r(seed, message):
    """A signature whose R is the identity: it satisfies the equation, a strict verifier refuses it."""
    a, _ = secret(seed)
    big_r = compress(IDENTITY)
    s = _int_hash(big_r, public_key(seed), message) * a % L
    return big_r + s.to_bytes(32, "little")


def with_s_plus_l(signature):
    """The same signature with S + L in place of S: it satisfies the equation, S is not canonical."""
    s = int.from_bytes(signature[32:], "little") + L
    return signature[:32] + s.to_bytes(32, "little")


def equation_holds(key, message, signature):
    """Lax verification: only SB = R + kA, with S reduced."""
    a, big_r = decompress(key), decompress(signature[:32])
    if a is None or big_r is None or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little") % L
    k = _int_hash(signature[:32], key, message) % L
    return _equal(_mul(s, BASE), _add(big_r, _mul(k, a)))


def verify_strict(key, message, signature):
    """Verification as every party must do it."""
    if len(signature) != 64 or int.from_bytes(signature[32:], "little") >= L:
        return False
    points = decompress(key), decompress(signature[:32])
    if any(p is None or _equal(_mul(8, p), IDENTITY) for p in points):
        return False
    return equation_holds(key, message, signature)
