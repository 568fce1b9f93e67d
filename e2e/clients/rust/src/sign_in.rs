use std::{collections::HashMap, sync::Arc};

use reqwest::header::{HeaderName, HeaderValue};
use rmcp::{
    model::ClientJsonRpcMessage,
    transport::{
        common::client_side_sse::BoxedSseResponse,
        streamable_http_client::{StreamableHttpClient, StreamableHttpError, StreamableHttpPostResponse},
    },
};

use crate::again::Again;

type Headers = HashMap<HeaderName, HeaderValue>;
type Outcome<T> = Result<T, StreamableHttpError<reqwest::Error>>;

/// Sends a message again with a token after a 401.
#[derive(Clone, Default)]
pub struct SigningIn(Again);

#[rustfmt::skip]
impl StreamableHttpClient for SigningIn {
    type Error = reqwest::Error;
    async fn post_message(&self, url: Arc<str>, message: ClientJsonRpcMessage, session: Option<Arc<str>>, auth: Option<String>, headers: Headers) -> Outcome<StreamableHttpPostResponse> {
        match self.0.post_message(url.clone(), message.clone(), session.clone(), auth, headers.clone()).await {
            Err(StreamableHttpError::AuthRequired(_)) => self.0.post_message(url, message, session, Some("signed-in".into()), headers).await,
            answer => answer,
        }
    }
    async fn delete_session(&self, url: Arc<str>, session: Arc<str>, auth: Option<String>, headers: Headers) -> Outcome<()> { self.0.delete_session(url, session, auth, headers).await }
    async fn get_stream(&self, url: Arc<str>, session: Option<Arc<str>>, last: Option<String>, auth: Option<String>, headers: Headers) -> Outcome<BoxedSseResponse> { self.0.get_stream(url, session, last, auth, headers).await }
}
