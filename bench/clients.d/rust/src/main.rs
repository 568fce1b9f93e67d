//! Saves memories one after another until its input ends, and prints a line of JSON for each.
//! Usage: save LIBRARY URL TITLE plain|again
#[path = "../../../../examples/clients/again.rs"]
mod again;

use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, io, thread, time::Duration};

use again::Again;
use rmcp::transport::{StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig};
use rmcp::{RoleClient, ServiceExt, model::CallToolRequestParams, service::RunningService};
use serde_json::{Value, json};

static OVER: AtomicBool = AtomicBool::new(false);

type Client = RunningService<RoleClient, ()>;

async fn connect(url: &str, mode: &str) -> Result<Client, String> {
    let config = StreamableHttpClientTransportConfig::with_uri(url);
    match mode {
        "again" => ().serve(StreamableHttpClientTransport::with_client(Again::default(), config)).await,
        _ => ().serve(StreamableHttpClientTransport::with_client(reqwest::Client::default(), config)).await,
    }
    .map_err(|error| error.to_string())
}

async fn save(client: &Client, title: String) -> Result<Value, String> {
    let memory = json!({"title": title, "text": "Saved while something breaks"});
    let call = CallToolRequestParams::new("memory_save").with_arguments(memory.as_object().unwrap().clone());
    let saved = client.call_tool(call).await.map_err(|error| error.to_string())?;
    match &saved.structured_content {
        Some(content) if content["id"].is_string() => Ok(content["id"].clone()),
        _ => Err(format!("{saved:?}")),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = env::args().collect();
    let version = include_str!("../Cargo.toml").split("rmcp = { version = \"=").nth(1).unwrap();
    println!("{}", json!({"library": format!("rmcp {}", version.split('"').next().unwrap())}));
    thread::spawn(|| {
        io::copy(&mut io::stdin(), &mut io::sink()).ok();
        OVER.store(true, Ordering::Relaxed);
    });
    let over = || OVER.load(Ordering::Relaxed);
    let mut number = 0;
    while !over() {
        let client = match connect(&arguments[2], &arguments[4]).await {
            Ok(client) => client,
            Err(error) => {
                eprintln!("{error}");
                tokio::time::sleep(Duration::from_millis(500)).await;
                continue;
            }
        };
        if number > 0 {
            println!("{}", json!({"reconnected": true}));
        }
        let mut alive = 2;
        while alive > 0 && !over() {
            number += 1;
            match save(&client, format!("{} {number}", arguments[3])).await {
                Ok(id) => {
                    println!("{}", json!({"n": number, "id": id}));
                    alive = 2;
                }
                Err(error) => {
                    let servers = ["could not be reached", "outcome is unknown", "first sending"];
                    alive = if servers.iter().any(|text| error.contains(text)) { 2 } else { alive - 1 };
                    println!("{}", json!({"n": number, "error": error}));
                }
            }
        }
    }
}
