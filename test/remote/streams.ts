// TEST FIXTURE. The open streams and their batons. A baton names its stream and a position in it, and is signed:
// it can be neither made up nor used twice, so requests on one stream come strictly one after the other.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { Connection } from "./connection.ts";
import { ProtocolError, StreamExpired } from "./protocol.ts";
import type { WriteLock, Writer } from "./write-lock.ts";

/** How long an expired stream is remembered, so that its caller learns the reason. */
const REMEMBERED_MS = 300_000;

export class Stream implements Writer {
  readonly id = randomBytes(8).toString("hex");
  readonly sqls = new Map<number, string>();
  readonly connection: Connection;
  position = randomBytes(8).readBigUInt64BE();
  /** Its transaction was taken away, which it has not been told yet. */
  timedOut = false;
  closed = false;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  takeAway(): void {
    this.connection.rollback();
    this.timedOut = true;
  }
}

type Place =
  | { state: "busy"; stream: Stream }
  | { state: "idle"; stream: Stream; sinceMs: number }
  | { state: "expired"; sinceMs: number };

interface StreamsOptions {
  file: string;
  maxValueBytes: number;
  idleMs: number;
  now: () => number;
  lock: WriteLock<Stream>;
}

export class Streams {
  readonly #places = new Map<string, Place>();
  readonly #key = randomBytes(32);
  readonly #options: StreamsOptions;

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  /** The stream that the baton continues, or a new one without a baton. */
  acquire(baton: string | null | undefined): Stream {
    if (baton === null || baton === undefined) {
      const stream = new Stream(new Connection(this.#options.file, this.#options.maxValueBytes));
      this.#places.set(stream.id, { state: "busy", stream });
      return stream;
    }
    const { id, position } = this.#readBaton(baton);
    const place = this.#places.get(id);
    if (place === undefined) throw new ProtocolError("Received an invalid baton");
    if (place.state === "expired") throw new StreamExpired();
    if (place.state === "busy" || place.stream.position !== position) {
      throw new ProtocolError("Received a baton that has already been used");
    }
    place.stream.position = BigInt.asUintN(64, position + 1n);
    this.#places.set(id, { state: "busy", stream: place.stream });
    return place.stream;
  }

  /** The baton for the next request on the stream; null when it was closed. */
  release(stream: Stream): string | null {
    if (stream.closed) return null;
    this.#places.set(stream.id, { state: "idle", stream, sinceMs: this.#options.now() });
    return this.#writeBaton(stream);
  }

  /** Rolls back what is open and gives the write lock on. */
  close(stream: Stream): void {
    this.#end(stream);
    this.#places.delete(stream.id);
  }

  /** Expires the streams that were idle for long enough; returns how many. */
  expireIdle(idleMs = this.#options.idleMs): number {
    const now = this.#options.now();
    let expired = 0;
    for (const [id, place] of this.#places) {
      if (place.state === "idle" && now - place.sinceMs >= idleMs) {
        this.#end(place.stream);
        this.#places.set(id, { state: "expired", sinceMs: now });
        expired += 1;
      } else if (place.state === "expired" && now - place.sinceMs >= REMEMBERED_MS) {
        this.#places.delete(id);
      }
    }
    return expired;
  }

  closeAll(): void {
    for (const place of this.#places.values()) {
      if (place.state !== "expired") this.close(place.stream);
    }
  }

  #end(stream: Stream): void {
    if (stream.closed) return;
    stream.closed = true;
    stream.connection.close();
    this.#options.lock.release(stream);
  }

  #writeBaton(stream: Stream): string {
    const payload = Buffer.alloc(16);
    payload.write(stream.id, "hex");
    payload.writeBigUInt64BE(stream.position, 8);
    return Buffer.concat([payload, this.#sign(payload)]).toString("base64");
  }

  #readBaton(baton: string): { id: string; position: bigint } {
    const bytes = Buffer.from(baton, "base64");
    const payload = bytes.subarray(0, 16);
    if (bytes.length !== 48 || !timingSafeEqual(bytes.subarray(16), this.#sign(payload))) {
      throw new ProtocolError("Received an invalid baton");
    }
    return { id: payload.toString("hex", 0, 8), position: payload.readBigUInt64BE(8) };
  }

  #sign(payload: Buffer): Buffer {
    return createHmac("sha256", this.#key).update(payload).digest();
  }
}
