//! The tutorial's login page, and what shows the library: `cargo run -p login`.
//!
//! Read `routes/login.rs` first; `app.rs` puts the parts together.

mod app;
mod arguments;
mod corner;
mod development;
mod headers;
mod pages;
mod routes;
mod settings;
mod store;
mod wait;

use std::process::ExitCode;

use clap::Parser;
use tokio::net::TcpListener;

use arguments::Arguments;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).with_writer(std::io::stderr).init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("login: {}", one_line(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let settings = settings::from(&arguments)?;
    let store = store::open(&settings).await?;
    if let Some(seconds) = arguments.wait_for_store {
        wait::for_store(&*store, std::time::Duration::from_secs(seconds)).await?;
    }
    let app = app::build(store, settings, arguments.demo_routes)?;
    let listener = TcpListener::bind(&arguments.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}; choose another with --listen", arguments.listen))?;
    println!("Listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app).with_graceful_shutdown(asked_to_stop()).await?;
    println!("Stopped.");
    Ok(())
}

/// An error and its causes, as one line.
fn one_line(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |line, cause| format!("{line}: {cause}"))
}

/// Ctrl-C, or SIGTERM where there is one.
async fn asked_to_stop() {
    let interrupt = async { tokio::signal::ctrl_c().await.is_ok() };
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await.is_some(),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<bool>();
    tokio::select! { _ = interrupt => {}, _ = terminate => {} }
}
