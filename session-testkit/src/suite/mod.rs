//! The promises as tests: small checks, each of one sentence, and what runs them.

pub mod backend;
mod check;
mod fixture;
mod list;
mod macros;
mod need;
mod race;
mod report;
mod run;
pub mod server_side;
pub mod sessions;
pub mod store;
mod store_fixture;
mod time;
mod visitor;

pub use check::{Check, Verdict, backend_checks, store_checks};
pub use fixture::Fixture;
pub use need::{Need, Subject};
pub use run::{compare_lacks, run_on_backend, run_on_store};
pub use store_fixture::StoreFixture;
