use sagascope::{Behaviour, Catalogue, Chapter, Judged, Promise, Setup, StartWorkflow, Story, World};

pub mod payout;
pub mod traced {
    sagascope::traced!();
}

#[derive(Clone, Default, serde::Serialize)]
struct Account {
    withdrawn: u64,
}

pub fn setup() -> Setup {
    let bank = Behaviour::at("Bank");
    let world = World::new(Account::default()).activity(payout::Bank::withdraw, bank, |account, euros| {
        account.withdrawn += euros;
        Ok(())
    });
    Setup::new(StartWorkflow::new("Payout", "payout-1", &100), traced::registry)
        .outside(world)
        .promise(Promise::new("the money leaves the account once", |end| {
            let withdrawn = end.state::<Account>().withdrawn;
            Judged::new(withdrawn == 100, format!("{withdrawn} euros withdrawn"))
        }))
}

pub const CATALOGUE: Catalogue = Catalogue::new(&[Chapter {
    title: "Payouts",
    stories: || {
        vec![Story::new(
            "payout",
            "A payout",
            "A hundred euros leave an account.",
            setup(),
        )]
    },
}]);
