// SHA-256 that streams: the browser's own digests whole messages only, and asynchronously, which is too slow for
// millions of short ones. verify.js holds it against the browser's own before it is trusted.

const K = new Uint32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const START = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
const W = new Uint32Array(64);
const BLOCK = 64;

function compress(state, bytes, at) {
  for (let i = 0; i < 16; i += 1, at += 4) {
    W[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let i = 16; i < 64; i += 1) {
    const x = W[i - 15], y = W[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
  }
  let a = state[0] | 0, b = state[1] | 0, c = state[2] | 0, d = state[3] | 0;
  let e = state[4] | 0, f = state[5] | 0, g = state[6] | 0, h = state[7] | 0;
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d;
  state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

export class Sha256 {
  constructor() {
    this.state = new Uint32Array(START);
    this.block = new Uint8Array(BLOCK);
    this.length = 0;
  }

  // Begins again where another one stands; both go on by themselves.
  restart(from) {
    this.state.set(from ? from.state : START);
    this.length = from ? from.length : 0;
    if (from) this.block.set(from.block);
    return this;
  }

  update(bytes, start = 0, end = bytes.length) {
    let used = this.length % BLOCK;
    this.length += end - start;
    while (start < end) {
      if (used === 0 && end - start >= BLOCK) {
        compress(this.state, bytes, start);
        start += BLOCK;
        continue;
      }
      const count = Math.min(BLOCK - used, end - start);
      for (let i = 0; i < count; i += 1) this.block[used + i] = bytes[start + i];
      used += count;
      start += count;
      if (used === BLOCK) {
        compress(this.state, this.block, 0);
        used = 0;
      }
    }
    return this;
  }

  // Writes the 32 bytes into `out`; afterwards only `restart` makes sense.
  digest(out = new Uint8Array(32)) {
    const bits = this.length * 8;
    let used = this.length % BLOCK;
    this.block[used] = 0x80;
    used += 1;
    if (used > 56) {
      this.block.fill(0, used);
      compress(this.state, this.block, 0);
      used = 0;
    }
    this.block.fill(0, used);
    const high = Math.floor(bits / 2 ** 32);
    for (let i = 0; i < 4; i += 1) {
      this.block[56 + i] = (high >>> (24 - 8 * i)) & 255;
      this.block[60 + i] = (bits >>> (24 - 8 * i)) & 255;
    }
    compress(this.state, this.block, 0);
    for (let i = 0; i < 32; i += 1) out[i] = (this.state[i >> 2] >>> (24 - 8 * (i & 3))) & 255;
    return out;
  }
}
