package dev.harp.message;

import java.math.BigInteger;
import java.util.HexFormat;

/**
 * The arithmetic that the JDK keeps to itself, for vectors that come out the same everywhere: ECDSA on P-256 with a
 * nonce that follows from key and message, and points of Ed25519. Slow, and not in constant time: for fixed test keys
 * only.
 */
final class TestCurves {
    private TestCurves() {}

    private static BigInteger hex(String text) {
        return new BigInteger(text, 16);
    }

    /** ECDSA on P-256. */
    static final class P256 {
        private static final BigInteger P = hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
        private static final BigInteger N = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
        private static final BigInteger[] G = {
            hex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"),
            hex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
        };
        private static final String SPKI = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";

        private P256() {}

        static BigInteger secret(String label) {
            return number(Crypto.sha256(Bytes.utf8(label))).mod(N);
        }

        static Bytes publicKey(BigInteger secret) {
            BigInteger[] point = multiply(secret, G);
            return Bytes.concat(Bytes.of(HexFormat.of().parseHex(SPKI)), big(point[0], 32), big(point[1], 32));
        }

        static Bytes sign(BigInteger secret, Bytes data) {
            BigInteger k = number(Crypto.sha256(big(secret, 32), data)).mod(N);
            BigInteger r = multiply(k, G)[0].mod(N);
            BigInteger s = k.modInverse(N)
                    .multiply(number(Crypto.sha256(data)).add(r.multiply(secret)))
                    .mod(N);
            return der(r, s);
        }

        /** The other s that fits: a verifier takes both. */
        static Bytes negated(Bytes signature) {
            int length = signature.at(3);
            BigInteger r = number(signature.slice(4, 4 + length));
            BigInteger s = number(signature.slice(6 + length, signature.length()));
            return der(r, N.subtract(s));
        }

        private static Bytes der(BigInteger r, BigInteger s) {
            Bytes both = Bytes.concat(integer(r), integer(s));
            return Bytes.concat(Bytes.of((byte) 0x30, (byte) both.length()), both);
        }

        private static Bytes integer(BigInteger value) {
            byte[] bytes = value.toByteArray();
            return Bytes.concat(Bytes.of((byte) 2, (byte) bytes.length), Bytes.of(bytes));
        }

        private static BigInteger[] multiply(BigInteger factor, BigInteger[] point) {
            BigInteger[] sum = {};
            for (int bit = factor.bitLength() - 1; bit >= 0; bit--) {
                sum = add(sum, sum);
                if (factor.testBit(bit)) {
                    sum = add(sum, point);
                }
            }
            return sum;
        }

        private static BigInteger[] add(BigInteger[] a, BigInteger[] b) {
            if (a.length == 0 || b.length == 0) {
                return a.length == 0 ? b : a;
            }
            BigInteger slope = a[0].equals(b[0])
                    ? a[0].pow(2)
                            .subtract(BigInteger.ONE)
                            .multiply(BigInteger.valueOf(3))
                            .multiply(a[1].add(a[1]).modInverse(P))
                    : b[1].subtract(a[1]).multiply(b[0].subtract(a[0]).modInverse(P));
            BigInteger x = slope.pow(2).subtract(a[0]).subtract(b[0]).mod(P);
            return new BigInteger[] {
                x, slope.multiply(a[0].subtract(x)).subtract(a[1]).mod(P)
            };
        }
    }

    /** Points of Ed25519, affine. */
    static final class Edwards {
        static final BigInteger L = hex("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed");
        static final String SMALL_ORDER_8 = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a";
        private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
        private static final BigInteger D = BigInteger.valueOf(-121_665)
                .multiply(BigInteger.valueOf(121_666).modInverse(P))
                .mod(P);

        private Edwards() {}

        static Bytes add(Bytes a, Bytes b) {
            BigInteger[] p = decode(a);
            BigInteger[] q = decode(b);
            BigInteger product = D.multiply(p[0]).multiply(q[0]).multiply(p[1]).multiply(q[1]);
            BigInteger x = p[0].multiply(q[1])
                    .add(p[1].multiply(q[0]))
                    .multiply(BigInteger.ONE.add(product).modInverse(P))
                    .mod(P);
            BigInteger y = p[1].multiply(q[1])
                    .add(p[0].multiply(q[0]))
                    .multiply(BigInteger.ONE.subtract(product).modInverse(P))
                    .mod(P);
            Bytes encoded = little(y, 32);
            byte[] bytes = encoded.toByteArray();
            bytes[31] |= (byte) (x.testBit(0) ? 0x80 : 0);
            return Bytes.of(bytes);
        }

        private static BigInteger[] decode(Bytes encoded) {
            byte[] bytes = encoded.toByteArray();
            boolean odd = bytes[31] < 0;
            bytes[31] &= 0x7f;
            BigInteger y = ofLittle(Bytes.of(bytes));
            BigInteger square = y.pow(2)
                    .subtract(BigInteger.ONE)
                    .multiply(D.multiply(y.pow(2)).add(BigInteger.ONE).modInverse(P))
                    .mod(P);
            BigInteger x = square.modPow(P.add(BigInteger.valueOf(3)).shiftRight(3), P);
            if (!x.pow(2).mod(P).equals(square)) {
                x = x.multiply(BigInteger.TWO.modPow(P.subtract(BigInteger.ONE).shiftRight(2), P))
                        .mod(P);
            }
            return new BigInteger[] {x.testBit(0) == odd ? x : P.subtract(x), y};
        }
    }

    static BigInteger number(Bytes bytes) {
        return new BigInteger(1, bytes.toByteArray());
    }

    static BigInteger ofLittle(Bytes bytes) {
        return number(reversed(bytes));
    }

    static Bytes big(BigInteger value, int length) {
        byte[] bytes = value.toByteArray();
        byte[] out = new byte[length];
        int copied = Math.min(bytes.length, length);
        System.arraycopy(bytes, bytes.length - copied, out, length - copied, copied);
        return Bytes.of(out);
    }

    static Bytes little(BigInteger value, int length) {
        return reversed(big(value, length));
    }

    private static Bytes reversed(Bytes bytes) {
        byte[] out = new byte[bytes.length()];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) bytes.at(out.length - 1 - i);
        }
        return Bytes.of(out);
    }
}
