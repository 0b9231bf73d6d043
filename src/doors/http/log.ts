/** Where the door writes what an operator must see. Fields first, then a sentence, as pino takes them. */
export interface DoorLog {
  info(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}
