//! What the lab teaches: the first scene, and the tour. Texts only; how a moment is found is the view's business.

use crate::history::proto::EventType;
use crate::sim::fault::Verb;
use crate::sim::lesson::{Happening, Lessons, Scene, Sight, Station, Task, Words};

/// All of it.
pub const LESSONS: Lessons = Lessons {
    scene: Some(&FIRST),
    tour: TOUR,
};

const PAYMENT: &str = "ProcessPayment";

static FIRST: Scene = Scene {
    at: Sight {
        story: "crash-after-charge",
        when: Happening::EffectDone(PAYMENT, 1),
    },
    before: Words {
        title: "The card is charged, and nobody knows yet",
        text: "An order is being processed, and {worker} has just taken {customer charged} from the customer. In a moment \
               it will report that to the Temporal Service. What if it dies first?",
    },
    captions: &[
        (
            Happening::Death(1),
            Words {
                title: "Charged, and forgotten",
                text: "The money is gone, and {worker} died with the only memory of it. The Event History still says no \
                       more than that ProcessPayment was scheduled.",
            },
        ),
        (
            Happening::AttemptFails(PAYMENT, 1),
            Words {
                title: "The Service cannot know that a worker is dead",
                text: "A dead worker is as silent as a slow one. So the Service has waited for the whole Start-To-Close \
                       Timeout, {limit}, before it gave the attempt up.",
            },
        ),
        (
            Happening::Replay(1),
            Words {
                title: "Replay: the code runs again, its effects do not",
                text: "The payment was tried again, with the same idempotency key, by {other}, which has never seen this \
                       order. It runs the workflow's code from the top, and the Event History answers every await: nothing \
                       that is recorded is done twice.",
            },
        ),
    ],
    end: Words {
        title: "One crash, one charge",
        text: "The order is complete. Two attempts called the payment gateway, and the customer has paid {customer charged}, \
               once: both calls bore the same idempotency key. Workflow code rebuilt from its history, activities that may \
               be repeated: that is durable execution.",
    },
    next: ("Now try it without keys", "double-charge"),
};

static TOUR: &[Station] = &[
    Station {
        id: "crash",
        title: "A crash",
        at: Sight {
            story: "all-goes-well",
            when: Happening::AttemptBegins(PAYMENT, 1),
        },
        text: "{worker} runs an Activity: it is charging a card. A Worker is a process like any other, and whatever it has in \
               memory dies with it.",
        ask: "Kill it, right in the middle.",
        tasks: &[Task::ToWorker(Verb::Kill, Happening::Death(1))],
        learned: "The Event History did not change: a dead Worker reports nothing. The line under the picture says what \
                  the Service waits for now, the Start-To-Close Timeout of {limit}.",
    },
    Station {
        id: "replay",
        title: "Replay",
        at: Sight {
            story: "worker-dies",
            when: Happening::Death(1),
        },
        text: "{worker} is dead. The other one has never seen this order, and is about to be given its next Workflow Task.",
        ask: "Go on to the replay, and watch the marks in the source.",
        tasks: &[Task::GoOn(Happening::Replay(1))],
        learned: "{other} has run the code from its first line. Every await was answered at once, by the event that recorded \
                  its result; that is Replay.",
    },
    Station {
        id: "results",
        title: "Recorded results",
        at: Sight {
            story: "all-goes-well",
            when: Happening::Event(EventType::ActivityTaskCompleted, 2),
        },
        text: "The warehouse has set the goods aside: {stock reserved}. Its answer was written to the Event History before the \
               workflow's code saw it.",
        ask: "Kill the worker here, then go on until the other one has rebuilt the workflow.",
        tasks: &[
            Task::ToWorker(Verb::Kill, Happening::Death(1)),
            Task::GoOn(Happening::Replay(1)),
        ],
        learned: "Still {stock reserved} set aside: ReserveInventory did not run again. What is recorded is never worked out \
                  twice.",
    },
    Station {
        id: "retry",
        title: "Retry and backoff",
        at: Sight {
            story: "payment-times-out-twice",
            when: Happening::AttemptFails(PAYMENT, 1),
        },
        text: "The payment gateway has not answered, and the Service has given the attempt up. The Retry Policy says when the \
               next one is due: the attempts panel has all of them.",
        ask: "Go on to the third attempt (n jumps to the next one).",
        tasks: &[Task::GoOn(Happening::AttemptBegins(PAYMENT, 3))],
        learned: "Each wait was twice as long as the one before. None of this is in the Event History: the Service retries by \
                  itself, and records the last attempt only.",
    },
    Station {
        id: "double-charge",
        title: "The double charge",
        at: Sight {
            story: "crash-after-charge-no-keys",
            when: Happening::Death(1),
        },
        text: "The same crash as in the first scene: {customer charged} taken, and the worker died before it could report. But \
               this shop sends no idempotency key with the payment.",
        ask: "Go on until the second attempt has called the gateway.",
        tasks: &[Task::GoOn(Happening::EffectDone(PAYMENT, 2))],
        learned: "{customer charged} for one order. An Activity is done at least once, not exactly once: a crash between the \
                  effect and the report repeats it.",
    },
    Station {
        id: "key",
        title: "The key that prevents it",
        at: Sight {
            story: "crash-after-charge-no-keys",
            when: Happening::EffectDone(PAYMENT, 2),
        },
        text: "Two calls, two charges. The gateway could not tell that both meant the same payment.",
        ask: "Look at the same moment of the same crash in a shop that sends keys.",
        tasks: &[Task::Look(Sight {
            story: "crash-after-charge",
            when: Happening::EffectDone(PAYMENT, 2),
        })],
        learned: "{customer charged}, though the gateway was called twice. The idempotency key is the same in every attempt, so \
                  the gateway gave its first answer once more.",
    },
    Station {
        id: "saga",
        title: "Saga and compensation",
        at: Sight {
            story: "address-rejected",
            when: Happening::AttemptFails("CreateShipment", 1),
        },
        text: "The carrier refuses the parcel, and the customer has paid already. No transaction spans shop, bank and carrier, \
               so the Saga undoes what it did, the last step first.",
        ask: "Kill the worker before it can, and see whether the stock still comes back.",
        tasks: &[
            Task::ToWorker(Verb::Kill, Happening::Death(1)),
            Task::GoOn(Happening::EffectDone("ReleaseInventory", 1)),
        ],
        learned: "Refunded: {customer refunded}. Reserved: {stock reserved}. A compensation is an Activity like any other: \
                  whoever takes the workflow over goes on with it.",
    },
    Station {
        id: "patch",
        title: "Changed code, and a patch",
        at: Sight {
            story: "deploy-unpatched",
            when: Happening::Event(EventType::WorkflowTaskFailed, 1),
        },
        text: "A new version was deployed that checks for fraud before it charges. For this order the Event History has the \
               charge in that place, so the code cannot be replayed: a Non-Determinism Error.",
        ask: "Look at the end of the same deployment with a patch in the code.",
        tasks: &[Task::Look(Sight {
            story: "deploy-patched",
            when: Happening::Closed,
        })],
        learned: "With Patching the code asks which way this run went. Orders that were under way go the old way to their end; \
                  new ones are checked for fraud.",
    },
    Station {
        id: "stuck",
        title: "Stuck",
        at: Sight {
            story: "no-worker",
            when: Happening::Event(EventType::WorkflowTaskScheduled, 1),
        },
        text: "A workflow was started, and no Worker polls its Task Queue. There is no error, and there would never be one: the \
               Service keeps the task until somebody takes it.",
        ask: "Start a worker.",
        tasks: &[Task::ToWorker(Verb::Restart, Happening::Start(1))],
        learned: "It takes the task at once. A workflow that waits costs nothing and loses nothing; but somebody has to \
                  notice that it waits.",
    },
    Station {
        id: "sweep",
        title: "A crash at every step",
        at: Sight {
            story: "crash-after-charge-no-keys",
            when: Happening::Closed,
        },
        text: "You have tried a few crashes. The strip at the bottom tries them all: a square for each worker at each step of \
               this run, coloured by what became of the order.",
        ask: "Open a square in which the stock is wrong as well.",
        tasks: &[Task::FindCrash(2)],
        learned: "That crash nobody had thought of. The same sweep runs in a unit test of your own workflow: it names the \
                  moment, the promise that was broken, and the address that shows it.",
    },
];
