//! An HTTP client for rmcp that sends each tools/call under a key until it is answered, for 5 minutes.
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::header::{HeaderName, HeaderValue};
use rmcp::{model::*, transport::{common::client_side_sse::BoxedSseResponse, streamable_http_client::*}};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};
use {StreamableHttpError as Failure, StreamableHttpPostResponse as Answer};

type Headers = HashMap<HeaderName, HeaderValue>;
type Outcome<T> = Result<T, Failure<reqwest::Error>>;
#[derive(Clone, Default)]
pub struct Again(pub reqwest::Client);
#[rustfmt::skip]
impl StreamableHttpClient for Again {
    type Error = reqwest::Error;
    async fn post_message(&self, url: Arc<str>, message: ClientJsonRpcMessage, session: Option<Arc<str>>, auth: Option<String>, mut headers: Headers) -> Outcome<Answer> {
        let call = matches!(&message, JsonRpcMessage::Request(sent) if matches!(sent.request, ClientRequest::CallToolRequest(_)));
        if !call { return self.0.post_message(url, message, session, auth, headers).await; }
        headers.insert(HeaderName::from_static("idempotency-key"), uuid::Uuid::new_v4().to_string().parse().unwrap());
        let send = || self.0.post_message(url.clone(), message.clone(), session.clone(), auth.clone(), headers.clone());
        let (end, mut pause) = (Instant::now() + Duration::from_secs(300), Duration::from_millis(20));
        loop {
            let answer = match send().await {
                // Read whole: one that breaks is no answer.
                Ok(Answer::Sse(events, id)) => events.try_collect().await.map(|all: Vec<_>| Answer::Sse(stream::iter(all).map(Ok).boxed(), id)).map_err(Failure::Sse),
                other => other,
            };
            let again = match &answer {
                Ok(Answer::Json(JsonRpcMessage::Error(e), _)) => e.error.data.as_ref().is_some_and(|data| data.get("idempotencyKey").is_some()),
                Ok(other) => matches!(other, Answer::Accepted), // So rmcp takes JSON that breaks.
                Err(e) => matches!(e, Failure::Client(_) | Failure::Sse(_) | Failure::UnexpectedServerResponse(_)),
            };
            if !again || Instant::now() > end { return answer; }
            sleep(pause).await;
            pause = Duration::from_secs(1).min(2 * pause);
        }
    }
    async fn delete_session(&self, url: Arc<str>, session: Arc<str>, auth: Option<String>, headers: Headers) -> Outcome<()> { self.0.delete_session(url, session, auth, headers).await }
    async fn get_stream(&self, url: Arc<str>, session: Option<Arc<str>>, last: Option<String>, auth: Option<String>, headers: Headers) -> Outcome<BoxedSseResponse> { self.0.get_stream(url, session, last, auth, headers).await }
}
