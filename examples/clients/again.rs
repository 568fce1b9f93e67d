//! An HTTP client for rmcp that sends each request again until it is answered, for 5 minutes, and each tools/call under a key.
//! It is for a server that keeps Idempotency-Keys, as MCPist does: another server runs a call once for each sending.
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::header::{HeaderName, HeaderValue};
use rmcp::{model::*, transport::{common::client_side_sse::BoxedSseResponse, streamable_http_client::*}};
use serde_json::{Value, from_str, to_value};
use std::{collections::HashMap, io::ErrorKind, sync::{Arc, Mutex}, time::Duration};
use tokio::time::{Instant, sleep, timeout};
use {StreamableHttpError as Failure, StreamableHttpPostResponse as Answer};

type Headers = HashMap<HeaderName, HeaderValue>;
type Outcome<T> = Result<T, Failure<reqwest::Error>>;

const LIMIT: Duration = Duration::from_secs(300);
/// Of one sending with its whole answer: nothing may ever come on a broken connection.
const SENDING_LIMIT: Duration = Duration::from_secs(120);
const MOST_REFUSED: usize = 100;
/// What an error says that is there for a moment: docs/idempotency.md.
const PASSING: [&str; 5] = ["origin_unavailable", "outcome_unknown", "rate_limited", "overloaded", "auth_unavailable"];

#[derive(Clone, Default)]
pub struct Again {
    pub http: reqwest::Client,
    /// The oldest first.
    refused: Arc<Mutex<Vec<Refusal>>>,
}

/// A call that was answered with 401 or 403. A library that has signed in sends it again.
struct Refusal {
    call: String,
    key: String,
    until: Instant,
}

impl Again {
    /// The key under which this call was refused.
    fn take_refused(&self, call: &str) -> Option<String> {
        let mut refused = self.refused.lock().unwrap();
        refused.retain(|refusal| Instant::now() < refusal.until);
        let at = refused.iter().position(|refusal| refusal.call == call)?;
        Some(refused.remove(at).key)
    }

    fn keep_refused(&self, call: String, key: String) {
        let mut refused = self.refused.lock().unwrap();
        if refused.len() == MOST_REFUSED {
            refused.remove(0);
        }
        refused.push(Refusal { call, key, until: Instant::now() + LIMIT });
    }
}

fn is_refused(answer: &Outcome<Answer>) -> bool {
    match answer {
        Err(Failure::AuthRequired(_) | Failure::InsufficientScope(_)) => true,
        Err(Failure::UnexpectedServerResponse(text)) => text.starts_with("HTTP 401") || text.starts_with("HTTP 403"),
        _ => false,
    }
}

/// What was sent; `id` is null for what has no answer.
struct Sent {
    id: Value,
    calls_tool: bool,
}

impl Sent {
    /// Whether one of these messages ends the request; an error without an id is about all that was sent.
    fn is_ended_by(&self, messages: &[Value]) -> bool {
        self.id.is_null()
            || messages.iter().any(|message| {
                let about = message.get("id").is_none_or(|id| id.is_null() || *id == self.id);
                let error = message.get("error");
                about && (message.get("result").is_some() || error.is_some_and(|error| !self.may_be_sent_again(&error["data"])))
            })
    }

    /// Whether an error is for a moment, and a further sending is safe: it is for all that only reads, and under a key that is kept.
    fn may_be_sent_again(&self, data: &Value) -> bool {
        let safe = !self.calls_tool || data.get("idempotencyKey").is_some() || data["effect"] == "none";
        safe && data["code"].as_str().is_some_and(|code| PASSING.contains(&code))
    }

    /// What came, read whole; whether it is final; and for how long the server asks to wait.
    async fn judged(&self, answer: Outcome<Answer>) -> (Outcome<Answer>, bool, Duration) {
        let mut wait = Duration::ZERO;
        let (answer, is_final) = match answer {
            Ok(Answer::Sse(events, session)) => match events.try_collect::<Vec<_>>().await {
                Ok(all) => {
                    let messages: Vec<Value> = all.iter().filter_map(|event| from_str(event.data.as_deref()?).ok()).collect();
                    (Ok(Answer::Sse(stream::iter(all).map(Ok).boxed(), session)), self.is_ended_by(&messages))
                }
                Err(broken) => (Err(Failure::Sse(broken)), false),
            },
            Ok(Answer::Json(message, session)) => {
                let ended = to_value(&message).is_ok_and(|json| self.is_ended_by(&[json]));
                (Ok(Answer::Json(message, session)), ended)
            }
            Ok(Answer::Accepted) => (Ok(Answer::Accepted), self.id.is_null()),
            Ok(unknown) => (Ok(unknown), true), // A kind of answer that rmcp has not had before.
            Err(Failure::HttpStatus(status)) => {
                wait = Duration::from_secs(status.retry_after.as_deref().and_then(|text| text.parse().ok()).unwrap_or(0));
                (Err(Failure::HttpStatus(status)), false)
            }
            // JSON that was cut off, or a status of 4xx.
            Err(Failure::UnexpectedServerResponse(text)) => {
                let refused = text.starts_with("HTTP 4");
                (Err(Failure::UnexpectedServerResponse(text)), refused)
            }
            Err(failure) => {
                let broken = matches!(failure, Failure::Client(_) | Failure::Sse(_) | Failure::Io(_) | Failure::UnexpectedEndOfStream);
                (Err(failure), !broken)
            }
        };
        (answer, is_final, wait)
    }
}

#[rustfmt::skip]
impl StreamableHttpClient for Again {
    type Error = reqwest::Error;
    async fn post_message(&self, url: Arc<str>, message: ClientJsonRpcMessage, session: Option<Arc<str>>, auth: Option<String>, mut headers: Headers) -> Outcome<Answer> {
        let (method, id) = match &message {
            JsonRpcMessage::Request(sent) => (sent.request.method(), to_value(&sent.id).unwrap_or_default()),
            _ => ("", Value::Null),
        };
        let sent = Sent { id, calls_tool: method == "tools/call" };
        if method == "subscriptions/listen" { // Whose answer lasts.
            return self.http.post_message(url, message, session, auth, headers).await;
        }
        let name = HeaderName::from_static("idempotency-key");
        let call = format!("{url}\n{}\n{}", session.as_deref().unwrap_or_default(), serde_json::to_string(&message)?);
        let makes_key = sent.calls_tool && !headers.contains_key(&name);
        let key = makes_key.then(|| self.take_refused(&call).unwrap_or_else(|| uuid::Uuid::new_v4().to_string()));
        if let Some(key) = &key { headers.insert(name, key.parse().unwrap()); }
        let (end, mut pause) = (Instant::now() + LIMIT, Duration::from_millis(20));
        loop {
            let posted = self.http.post_message(url.clone(), message.clone(), session.clone(), auth.clone(), headers.clone());
            let judged = timeout(SENDING_LIMIT, async { sent.judged(posted.await).await }).await;
            let (answer, is_final, wait) = judged.unwrap_or_else(|_| (Err(Failure::Io(ErrorKind::TimedOut.into())), false, Duration::ZERO));
            if is_final || Instant::now() + wait > end {
                if let Some(key) = key && is_refused(&answer) { self.keep_refused(call, key); }
                return answer;
            }
            sleep(wait.max(pause)).await;
            pause = Duration::from_secs(1).min(2 * pause);
        }
    }
    async fn delete_session(&self, url: Arc<str>, session: Arc<str>, auth: Option<String>, headers: Headers) -> Outcome<()> { self.http.delete_session(url, session, auth, headers).await }
    async fn get_stream(&self, url: Arc<str>, session: Option<Arc<str>>, last: Option<String>, auth: Option<String>, headers: Headers) -> Outcome<BoxedSseResponse> { self.http.get_stream(url, session, last, auth, headers).await }
}
