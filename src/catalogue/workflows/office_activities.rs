//! What registrations and approvals need from the outside: accounts, mail, purchases. Declarations only; a worker
//! brings the implementations.

use serde::{Deserialize, Serialize};
use temporalio_macros::activity_definitions;

/// The office's activities.
pub struct Office;

#[activity_definitions]
impl Office {
    /// Opens an account that waits for its verification, and returns its id.
    #[activity(name = "CreateAccount")]
    pub async fn create_account(email: String) -> String {
        unimplemented!()
    }

    /// Lets the owner of this account in.
    #[activity(name = "ActivateAccount")]
    pub async fn activate_account(account_id: String) {
        unimplemented!()
    }

    /// Undoes [`Office::create_account`].
    #[activity(name = "DeleteAccount")]
    pub async fn delete_account(account_id: String) {
        unimplemented!()
    }

    /// Mails somebody.
    #[activity(name = "SendMail")]
    pub async fn send_mail(mail: Mail) {
        unimplemented!()
    }

    /// Buys what was asked for, and returns the order's id.
    #[activity(name = "Purchase")]
    pub async fn purchase(request: Request) -> String {
        unimplemented!()
    }
}

/// The input of `SendMail`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Who gets it.
    pub to: String,
    /// What it says.
    pub text: String,
}

/// What somebody wants to have bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Who wants it.
    pub applicant: String,
    /// What: `a laptop`.
    pub what: String,
    /// What it costs, in minor units.
    pub amount: u64,
    /// ISO 4217 code.
    pub currency: String,
    /// Who must agree, in this order.
    pub approvers: Vec<String>,
    /// Who decides for an approver who does not answer.
    pub superior: String,
}
