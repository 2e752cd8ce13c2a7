//! An HTTP client for the AWS SDK whose answers have a largest size (feature `bounded-http`).
//!
//! The SDK reads an answer whole before it looks at it, so whoever answers in a service's place (a
//! proxy, a captured endpoint) could fill the memory. The function and the console wrap their client
//! in [`bounded`]; an answer beyond the limit is an error of that call, which is tried again or told
//! like any other.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http_body_util::Limited;

/// Wraps a client: reading more than `largest` bytes of an answer's body ends in an error.
pub fn bounded(client: SharedHttpClient, largest: usize) -> SharedHttpClient {
    SharedHttpClient::new(Bounded { inner: client, largest })
}

#[derive(Debug)]
struct Bounded<T> {
    inner: T,
    largest: usize,
}

impl HttpClient for Bounded<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Bounded { inner, largest: self.largest })
    }
}

impl HttpConnector for Bounded<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (answer, largest) = (self.inner.call(request), self.largest);
        HttpConnectorFuture::new(async move {
            let limited = |body| SdkBody::from_body_1_x(Limited::new(body, largest));
            answer.await.map(|response| response.map(limited))
        })
    }
}
