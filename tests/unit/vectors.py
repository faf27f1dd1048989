"""
Computes tests/unit/vectors.h, the vectors of p2pchat's handshake, from the formulas of RFC 7748, RFC 8032, RFC 8439 and
hashlib's BLAKE2b: an implementation that shares nothing with the programs'. Usage: vectors.py >vectors.h
"""
import hashlib
import struct

P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
L = 2**252 + 27742317777372353535851937790883648493


def x25519(scalar, u):
    k = int.from_bytes(scalar, "little") & ~7 & ((1 << 255) - 1) | 1 << 254
    x1 = int.from_bytes(u, "little") & ((1 << 255) - 1)
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a, b * b, d * a, c * b
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % P, x1 * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(k, p):
    q = (0, 1, 1, 0)
    while k:
        q = add(q, p) if k & 1 else q
        p, k = add(p, p), k >> 1
    return q


def compress(p):
    inverse = pow(p[2], P - 2, P)
    x, y = p[0] * inverse % P, p[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


GY = 4 * pow(5, P - 2, P) % P
GXX = (GY * GY - 1) * pow(D * GY * GY + 1, P - 2, P) % P
GX = pow(GXX, (P + 3) // 8, P)
GX = GX if GX * GX % P == GXX else GX * pow(2, (P - 1) // 4, P) % P
GX = GX if GX % 2 == 0 else P - GX
G = (GX, GY, 1, GX * GY % P)


def sign(seed, text):
    h = hashlib.sha512(seed).digest()
    a = int.from_bytes(h[:32], "little") & ((1 << 254) - 8) | 1 << 254
    public = compress(multiply(a, G))
    r = int.from_bytes(hashlib.sha512(h[32:] + text).digest(), "little") % L
    point = compress(multiply(r, G))
    k = int.from_bytes(hashlib.sha512(point + public + text).digest(), "little") % L
    return public, point + ((r + k * a) % L).to_bytes(32, "little")


def chacha_block(key, counter, nonce):
    s = list(struct.unpack("<16I", b"expand 32-byte k" + key + struct.pack("<I", counter) + nonce))
    w = s[:]

    def quarter(a, b, c, d):
        for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            w[x] = (w[x] + w[y]) & 0xFFFFFFFF
            w[z] ^= w[x]
            w[z] = (w[z] << turn | w[z] >> (32 - turn)) & 0xFFFFFFFF

    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<16I", *((x + y) & 0xFFFFFFFF for x, y in zip(w, s)))


def seal(key, nonce, text, aad):
    stream = b"".join(chacha_block(key, 1 + i, nonce) for i in range(len(text) // 64 + 1))
    cipher = bytes(x ^ y for x, y in zip(text, stream))
    one = chacha_block(key, 0, nonce)
    r = int.from_bytes(one[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    data = aad + bytes(-len(aad) % 16) + cipher + bytes(-len(cipher) % 16) + struct.pack("<QQ", len(aad), len(cipher))
    tag = 0
    for i in range(0, len(data), 16):
        tag = (tag + int.from_bytes(data[i:i + 16] + b"\1", "little")) * r % (2**130 - 5)
    return cipher + ((tag + int.from_bytes(one[16:32], "little")) & (2**128 - 1)).to_bytes(16, "little")


def keyed(key, text, size):
    return hashlib.blake2b(text, key=key, digest_size=size).digest()


def leaf(root, block):
    for bit in reversed(range(24)):
        both = keyed(root, b"p2pchat 3 split key\0", 64)
        root = both[32:] if block >> bit & 1 else both[:32]
    return root


def half_of_code(key):
    state = bytes(32)
    for _ in range(4096):
        state = keyed(b"p2pchat 3 verify", state + key, 32)
    return " ".join(f"{word % 100000:05}" for word in struct.unpack(">4I", state[:16]))


def side(first, name):
    seed, secret, life = (bytes(first + 32 * part + i & 255 for i in range(32)) for part in range(3))
    exchange = x25519(secret, b"\x09" + bytes(31))
    identity, signature = sign(seed, b"p2pchat 3 exchange key\0" + exchange + name.ljust(32, b"\0"))
    return dict(secret=secret, life=life, identity=identity, exchange=exchange, signature=signature,
                life_public=x25519(life, b"\x09" + bytes(31)))


def main():
    a, b, token = side(1, "Zoë".encode()), side(101, b""), bytes(range(16))
    cards = sorted((a["identity"] + a["exchange"], b["identity"] + b["exchange"]))
    path_key = keyed(x25519(a["secret"], b["exchange"]), b"p2pchat 3 path key\0" + token + b"".join(cards), 32)
    lives = sorted((a["life_public"], b["life_public"]))
    both = keyed(path_key, b"p2pchat 3 text keys\0" + x25519(a["life"], b["life_public"]) + b"".join(lives), 64)
    a_sends, b_sends = (both[:32], both[32:]) if lives[0] == a["life_public"] else (both[32:], both[:32])
    text = b"attack at dawn"
    body = b"\1" * 16 + b"\2" * 8 + b"\3" * 8 + struct.pack(">IH", 7, len(text))
    head = b"P2PC\3\x23" + struct.pack(">H", len(body) + len(text) + 16) + body
    vectors = [
        ("TOKEN", token), ("A_IDENTITY", a["identity"]), ("A_EXCHANGE", a["exchange"]), ("A_SIGNATURE", a["signature"]),
        ("PATH_KEY", path_key), ("A_SENDS", a_sends), ("B_SENDS", b_sends),
        ("A_BLOCK_0", leaf(a_sends, 0)), ("A_BLOCK_5", leaf(a_sends, 5)), ("A_BLOCK_LAST", leaf(a_sends, (1 << 24) - 1)),
        ("SEALED", head + seal(a_sends, struct.pack(">QI", 0, 7), text, head)),
    ]
    print("/* Made by vectors.py: nothing of the programs is in it. */\n#ifndef VECTORS_H\n#define VECTORS_H\n")
    for name, value in vectors:
        print(f'#define VECTOR_{name} "{value.hex()}"')
    print(f'#define VECTOR_CODE "{" ".join(sorted(half_of_code(of["identity"]) for of in (a, b)))}"')
    print(f'#define VECTOR_A_HALF "{half_of_code(a["identity"])}"')
    print("\n#endif")


main()
