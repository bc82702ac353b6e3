/**
 * The groups in which keys are exchanged: MODP groups of RFC 3526, generator 2.
 *
 * Source: `spec/client-protocol.md` 4.3.
 *
 * @module
 */

/** A prime modulus; the generator is 2. */
export interface Group {
  /** Its number in RFC 3526. */
  readonly number: 5 | 14;
  readonly prime: bigint;
  /** Bytes of the prime. */
  readonly bytes: number;
}

const prime5 = "0x" +
  "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd" +
  "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed" +
  "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f" +
  "83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca237327ffffffffffffffff";

const prime14 = "0x" +
  "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd" +
  "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed" +
  "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f" +
  "83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b" +
  "e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510" +
  "15728e5a8aacaa68ffffffffffffffff";

/** 1536 bits: what tests and `--debug` use. */
export const group5: Group = { number: 5, prime: BigInt(prime5), bytes: 192 };

/** 2048 bits: what everybody else uses. */
export const group14: Group = { number: 14, prime: BigInt(prime14), bytes: 256 };

/** The group that a request's `length` asks for. */
export function groupOf(length: number): Group {
  return length < 32 ? group5 : group14;
}
