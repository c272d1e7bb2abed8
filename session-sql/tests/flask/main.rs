//! Flask-Session's table: the promises, what Flask wrote, and Flask writing at the same time.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod beside;
mod common;
mod faults;
mod place;
mod real;
mod retired;
mod rows;
mod table;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod trips;
mod vectors;

/// Each test on each database.
#[macro_export]
macro_rules! on_each {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test] async fn $test() { super::$test(&$crate::place::Place::sqlite()).await; })*
        }
        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[tokio::test] async fn $test() { super::$test(&$crate::place::Place::postgres()).await; })*
        }
        #[cfg(feature = "postgres")]
        mod postgres_behind_a_pooler {
            $(#[tokio::test] async fn $test() { super::$test(&$crate::place::Place::pooled()).await; })*
        }
        #[cfg(feature = "mysql")]
        mod mariadb {
            $(#[tokio::test] async fn $test() { super::$test(&$crate::place::Place::mariadb()).await; })*
        }
    };
}
