// A history of full size. Made when it is wanted: 23 MB are not kept.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The same as a file: handed over as bytes, it would keep the page busy for seconds before it is chosen. */
export function largeFile(events) {
  const path = join(mkdtempSync(join(tmpdir(), "sagascope-")), "large.json");
  const bytes = large(events);
  writeFileSync(path, bytes);
  return { path, megabytes: bytes.length / 1e6 };
}

/** Activities one after the other, as many as a history may have events. */
function large(events) {
  const all = [];
  const time = (n) => new Date(Date.UTC(2026, 0, 1) + n * 20).toISOString();
  const add = (type, name, attributes) =>
    all.push({ eventId: String(all.length + 1), eventTime: time(all.length), eventType: `EVENT_TYPE_${type}`, taskId: String(1_048_577 + all.length), [name]: attributes });
  const payloads = (value) => ({ payloads: [{ metadata: { encoding: "anNvbi9wbGFpbg==" }, data: Buffer.from(JSON.stringify(value)).toString("base64") }] });
  const task = () => {
    const at = all.length;
    add("WORKFLOW_TASK_SCHEDULED", "workflowTaskScheduledEventAttributes", { taskQueue: { name: "q", kind: "TASK_QUEUE_KIND_NORMAL" }, startToCloseTimeout: "10s", attempt: 1 });
    add("WORKFLOW_TASK_STARTED", "workflowTaskStartedEventAttributes", { scheduledEventId: String(at + 1), identity: "worker@host", requestId: `r${at}` });
    add("WORKFLOW_TASK_COMPLETED", "workflowTaskCompletedEventAttributes", { scheduledEventId: String(at + 1), startedEventId: String(at + 2), identity: "worker@host" });
  };
  add("WORKFLOW_EXECUTION_STARTED", "workflowExecutionStartedEventAttributes", { workflowType: { name: "Large" }, taskQueue: { name: "q" }, workflowId: "large-1", attempt: 1 });
  task();
  for (let n = 1; all.length + 6 <= events; n++) {
    const at = all.length;
    add("ACTIVITY_TASK_SCHEDULED", "activityTaskScheduledEventAttributes", { activityId: String(n), activityType: { name: "Charge" }, taskQueue: { name: "q" }, input: payloads({ order: `order-${n}`, cents: n * 7 }), startToCloseTimeout: "10s", workflowTaskCompletedEventId: String(at), retryPolicy: { initialInterval: "1s", backoffCoefficient: 2 } });
    add("ACTIVITY_TASK_STARTED", "activityTaskStartedEventAttributes", { scheduledEventId: String(at + 1), identity: "worker@host", attempt: 1 });
    add("ACTIVITY_TASK_COMPLETED", "activityTaskCompletedEventAttributes", { scheduledEventId: String(at + 1), startedEventId: String(at + 2), result: payloads("ok"), identity: "worker@host" });
    task();
  }
  return Buffer.from(JSON.stringify({ events: all }, null, 2));
}
