/** One turn of the event loop: the client is synchronous under its promises, and some reads are long. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
