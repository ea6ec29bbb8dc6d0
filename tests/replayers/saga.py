"""The order saga in Python, and the official Python replayer over the histories of a folder.

Prints a line for each history that is refused (its number and why), then how many were replayed. The SDK may log
lines of its own between them.
"""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError
from temporalio.worker import Replayer


def within(seconds: int) -> dict:
    return {"start_to_close_timeout": timedelta(seconds=seconds)}


def three_attempts(seconds: int, pause: int, *fatal: str) -> dict:
    policy = RetryPolicy(
        maximum_attempts=3,
        initial_interval=timedelta(seconds=pause),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(seconds=10),
        non_retryable_error_types=list(fatal),
    )
    return within(seconds) | {"retry_policy": policy}


async def quietly(activity: str, what: dict) -> None:
    try:
        await workflow.execute_activity(activity, what, **within(10))
    except ActivityError:
        pass


@workflow.defn(name="OrderOrchestration")
class OrderOrchestration:
    @workflow.run
    async def run(self, order: dict) -> dict:
        do = workflow.execute_activity
        order_id, items = order["order_id"], order["items"]

        def ended(status: str, transaction=None, shipment=None) -> dict:
            return {
                "order_id": order_id,
                "status": status,
                "transaction_id": transaction,
                "shipment_id": shipment,
            }

        check = await do("ValidateOrder", order, **within(10))
        if not check["valid"]:
            return ended("validation_failed")

        try:
            wanted = {"order_id": order_id, "items": items}
            stock = await do("ReserveInventory", wanted, **three_attempts(30, 1, "InsufficientStock"))
        except ActivityError:
            return ended("out_of_stock")

        try:
            charge = {
                "order_id": order_id,
                "user_id": order["user_id"],
                "amount": order["total"],
                "currency": order["currency"],
            }
            fatal = ("InsufficientFunds", "InvalidPaymentMethod")
            payment = await do("ProcessPayment", charge, **three_attempts(60, 2, *fatal))
        except ActivityError:
            await quietly("ReleaseInventory", stock)
            return ended("payment_failed")

        try:
            address = order["shipping_address"]
            parcel = await do("CreateShipment", wanted | {"address": address}, **within(30))
        except ActivityError:
            await quietly("RefundPayment", payment)
            await quietly("ReleaseInventory", stock)
            return ended("shipment_failed", payment["transaction_id"])

        mail = {"user_id": order["user_id"], "order_id": order_id, "message": f"Order {order_id} confirmed"}
        await quietly("SendNotification", mail)
        return ended("completed", payment["transaction_id"], parcel["shipment_id"])


async def main() -> None:
    files = sorted(Path(sys.argv[1]).glob("*.json"))
    replayer = Replayer(workflows=[OrderOrchestration])
    for file in files:
        history = WorkflowHistory.from_json(file.stem, file.read_text())
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        if result.replay_failure:
            print("refused", int(file.stem), " ".join(str(result.replay_failure).split()))
    print(len(files), "replayed", flush=True)
    # All is said. Core's threads are still there, and once in a while the interpreter dies while it puts things away.
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
