import { z } from "@hono/zod-openapi";
import { PRIORITIES, STATUSES } from "../../core/task.ts";
import { TEXT_MAX, TITLE_MAX } from "../../core/task-fields.ts";
import { deceivingInLine, deceivingInText } from "../../core/text.ts";

/** Milliseconds since 1970 UTC, as the outside reads them. */
export const iso = (ms: number): string => new Date(ms).toISOString();
export const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

export const Timestamp = z.string().openapi({ format: "date-time", example: "2026-11-23T09:30:00.000Z" });
export const PriorityName = z.enum(PRIORITIES);
export const StatusName = z.enum(STATUSES);

const plain = (fault: (text: string) => string | null) => (text: string) => fault(text) === null;
const PLAIN = "no control or direction-changing characters";

/** Text on one line, of at most so many UTF-16 code units, that shows what it says. */
export const line = (max: number) => z.string().min(1).max(max).refine(plain(deceivingInLine), PLAIN);
/** Text of several lines. */
export const text = (max: number) => z.string().max(max).refine(plain(deceivingInText), PLAIN);

export const Title = line(TITLE_MAX).refine((title) => title.trim() !== "", "more than white space");
export const LongText = text(TEXT_MAX);
export const Name = line(60);
export const Session = line(200);
export const Reason = text(2000)
  .min(1)
  .refine((reason) => reason.trim() !== "", "more than white space");
export const Version = z.int().min(1);
export const Epoch = z.int().min(0);

export const RouteFields = z.strictObject({ provider: line(200), model: line(200) }).openapi("Route");

/** A moment with its zone; milliseconds since 1970 UTC inside. */
export const Moment = z.iso
  .datetime({ offset: true, error: "a moment as ISO 8601 with its zone, such as 2026-11-23T09:30:00Z" })
  .transform((moment) => Date.parse(moment));

/** A whole number as a query writes it. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^[0-9]{1,15}$/, "a whole number")
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .openapi({ type: "integer", minimum: min, maximum: max });

export const PAGE_DEFAULT = 50;
const PAGE_MAX = 200;
export const Limit = wholeNumber(1, PAGE_MAX).optional();
/** The id of the last one seen. */
export const After = wholeNumber(0, Number.MAX_SAFE_INTEGER).optional();

export const TaskParams = z.object({ key: z.string().openapi({ example: "CLIP-12" }) });
export const AttemptParams = z.object({ id: z.string().openapi({ example: "CLIP-12.2" }) });
