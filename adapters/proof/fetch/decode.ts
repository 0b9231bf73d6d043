import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, zstdDecompress } from "node:zlib";
import type { Fault } from "./answer.ts";
import { fault, shown } from "./answer.ts";

type Decode = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>;

const DECODERS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ["gzip", promisify(gunzip)],
  ["x-gzip", promisify(gunzip)],
  ["deflate", promisify(inflate)],
  ["br", promisify(brotliDecompress)],
  ["zstd", promisify(zstdDecompress)],
]);

/** No honest server encodes twice; each layer multiplies what a small body can grow to. */
const MAX_LAYERS = 2;

/**
 * Undoes Content-Encoding within `maxBytes` a layer. We ask for none, and a server may send one regardless;
 * zlib stops by itself once a layer's output passes the cap, so a bomb costs no more than the cap.
 */
export async function decodeBody(
  body: Uint8Array,
  encoding: string,
  maxBytes: number,
  url: string,
): Promise<Uint8Array | Fault> {
  const layers = encoding
    .toLowerCase()
    .split(",")
    .map((layer) => layer.trim())
    .filter((layer) => layer !== "" && layer !== "identity");
  if (layers.length > MAX_LAYERS) {
    return fault(
      "bad-encoding",
      url,
      `The body is encoded ${layers.length} times; at most ${MAX_LAYERS} are undone.`,
    );
  }
  let bytes = body;
  for (const layer of layers.toReversed()) {
    const decode = DECODERS.get(layer);
    if (decode === undefined)
      return fault("bad-encoding", url, `The body is encoded as ${shown(layer, 40)}.`);
    try {
      bytes = await decode(bytes, { maxOutputLength: maxBytes });
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") {
        return fault("too-large", url, `The body is more than ${maxBytes} bytes once decoded.`);
      }
      return fault("bad-encoding", url, `The body is not the ${layer} it claims to be.`);
    }
  }
  return bytes;
}
