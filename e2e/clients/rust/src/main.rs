//! Saves memories one after another with the client of examples/clients/again.rs, and prints the id of each.
//! Usage: save URL TITLE COUNT
#[path = "../../../../examples/clients/again.rs"]
mod again;

use std::{env, error::Error, time::Duration};

use again::Again;
use rmcp::{ServiceExt, model::CallToolRequestParams};
use rmcp::transport::{StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().collect();
    let config = StreamableHttpClientTransportConfig::with_uri(arguments[1].as_str());
    let client = ().serve(StreamableHttpClientTransport::with_client(Again::default(), config)).await?;
    for number in 0..arguments[3].parse()? {
        let memory = json!({"title": format!("{} {number}", arguments[2]), "text": "Saved while something breaks"});
        let call = CallToolRequestParams::new("memory_save").with_arguments(memory.as_object().unwrap().clone());
        let saved = client.call_tool(call).await?;
        let content = saved.structured_content.ok_or("no content")?;
        println!("{}", content["id"].as_str().ok_or("no id")?);
        // So that what breaks meanwhile breaks in the middle.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}
