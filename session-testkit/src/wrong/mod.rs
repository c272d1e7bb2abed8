//! Stores that break one promise each, on purpose: a suite that accepts one of them is worth nothing.

mod backend;
mod calls;
mod fault;
mod store;
mod store_fault;
mod tricks;
mod writes;

pub use backend::Wrong;
pub use fault::Fault;
pub use store::WrongStore;
pub use store_fault::StoreFault;
