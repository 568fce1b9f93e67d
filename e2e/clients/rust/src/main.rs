//! Lists the tools, and saves a memory under each title that it reads, with the client of examples/clients/again.rs, and prints its id.
//! With "post" it does what post.rs says. Usage: save URL [post]
#[path = "../../../../examples/clients/again.rs"]
mod again;
mod post;
mod sign_in;

use std::{env, error::Error, io::stdin};

use again::Again;
use sign_in::SigningIn;
use rmcp::{ServiceExt, model::CallToolRequestParams};
use rmcp::transport::{StreamableHttpClientTransport, streamable_http_client::StreamableHttpClientTransportConfig};
use serde_json::json;
use tokio::task::spawn_blocking;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::args().nth(1).ok_or("no URL")?;
    if env::args().nth(2).is_some() {
        return post::post(Again::default(), &url).await;
    }
    let config = StreamableHttpClientTransportConfig::with_uri(url);
    let client = ().serve(StreamableHttpClientTransport::with_client(SigningIn::default(), config)).await?;
    client.list_all_tools().await?;
    while let Some(title) = spawn_blocking(|| stdin().lines().next()).await? {
        let memory = json!({"title": title?, "text": "Saved while something breaks"});
        let call = CallToolRequestParams::new("memory_save").with_arguments(memory.as_object().unwrap().clone());
        let saved = client.call_tool(call).await?;
        let content = saved.structured_content.ok_or("no content")?;
        println!("{}", content["id"].as_str().ok_or("no id")?);
    }
    Ok(())
}
