use std::{collections::HashMap, error::Error, io::stdin, thread};

use futures::StreamExt;
use rmcp::transport::streamable_http_client::{StreamableHttpClient, StreamableHttpPostResponse};
use tokio::{select, sync::mpsc};

use crate::again::Again;

/// Posts what it reads: a line is a session's id and a body, and "200" or the error is printed. A line that comes meanwhile cancels the
/// request, and "cancelled" is printed.
pub async fn post(client: Again, url: &str) -> Result<(), Box<dyn Error>> {
    let (lines, mut input) = mpsc::unbounded_channel();
    thread::spawn(move || stdin().lines().map_while(Result::ok).try_for_each(|line| lines.send(line)));
    while let Some(line) = input.recv().await {
        let result = select! {
            result = sent(&client, url, &line) => result?,
            Some(_) = input.recv() => "cancelled".to_owned(),
        };
        println!("{result}");
    }
    Ok(())
}

async fn sent(client: &Again, url: &str, line: &str) -> Result<String, Box<dyn Error>> {
    let (session, body) = line.split_once(' ').ok_or("no session")?;
    let message = serde_json::from_str(body)?;
    let answer = client.post_message(url.into(), message, Some(session.into()), None, HashMap::new()).await;
    Ok(match answer {
        Ok(StreamableHttpPostResponse::Sse(events, _)) => {
            events.for_each(|_| async {}).await;
            "200".to_owned()
        }
        Ok(_) => "200".to_owned(),
        Err(failure) => failure.to_string(),
    })
}
