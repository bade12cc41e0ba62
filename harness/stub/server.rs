//! The stub behind a socket: on wiremock for a run or a test, on hyper for people who keep it up for hours.
//!
//! wiremock keeps every request that matched for as long as its mock lives, so a server that must stay small is not built
//! on it; both put the same responder behind the socket.

use std::convert::Infallible;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

use super::{Answers, Reply};
use crate::exchange::{Request, Response};

/// How long a hanging stub holds a request: longer than any reasonable time limit.
const HANG: Duration = Duration::from_secs(600);
/// A larger body is refused unread.
const MOST_BODY_BYTES: usize = 16 << 20;

/// A stub on wiremock, on a free port of the loopback interface, for as long as the value lives.
pub struct WiremockStub {
    server: MockServer,
    /// Keeps wiremock's own tasks going.
    runtime: tokio::runtime::Runtime,
}

impl fmt::Debug for WiremockStub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WiremockStub").field("url", &self.url()).finish_non_exhaustive()
    }
}

impl WiremockStub {
    /// Starts it.
    pub fn start(stub: impl Answers) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let stub: Arc<dyn Answers> = Arc::new(stub);
        let server = runtime.block_on(async {
            let server = MockServer::builder().disable_request_recording().start().await;
            let (dropping, answering) = (stub.clone(), Responder(stub));
            // A reply is made once: the matcher of the first mock only asks, in passing, whether to drop the connection.
            Mock::given(move |request: &wiremock::Request| dropping.drops(&from_wiremock(request)))
                .respond_with_err(|_: &wiremock::Request| std::io::Error::other("told to drop the connection"))
                .with_priority(1)
                .mount(&server)
                .await;
            Mock::given(wiremock::matchers::any()).respond_with(answering).with_priority(2).mount(&server).await;
            server
        });
        Ok(Self { server, runtime })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        self.server.uri()
    }

    /// The runtime that it lives on.
    pub fn handle(&self) -> &tokio::runtime::Handle {
        self.runtime.handle()
    }
}

struct Responder(Arc<dyn Answers>);

impl Respond for Responder {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        match self.0.reply(&from_wiremock(request)) {
            Reply::Answer(response) => template(response),
            Reply::Hang | Reply::Drop => ResponseTemplate::new(200).set_delay(HANG),
        }
    }
}

fn template(response: Response) -> ResponseTemplate {
    let media_type = response.header("content-type").unwrap_or_default().to_owned();
    let mut template = ResponseTemplate::new(response.status);
    for (name, value) in &response.headers {
        template = template.append_header(name.as_str(), value.as_str());
    }
    template.set_body_raw(response.body, &media_type)
}

fn from_wiremock(request: &wiremock::Request) -> Request {
    let path = match request.url.query() {
        Some(query) => format!("{}?{query}", request.url.path()),
        None => request.url.path().to_owned(),
    };
    Request {
        method: request.method.to_string(),
        path,
        headers: headers(&request.headers),
        body: Some(request.body.clone().into()),
    }
}

fn headers(headers: &hyper::HeaderMap) -> Vec<(String, String)> {
    let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

/// A stub on hyper, which keeps nothing of the requests it has answered.
pub struct HyperStub {
    listener: TcpListener,
    stub: Arc<dyn Answers>,
}

impl fmt::Debug for HyperStub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperStub").field("listener", &self.listener).finish_non_exhaustive()
    }
}

impl HyperStub {
    /// Listens on a port of the loopback interface; 0 is any free one.
    pub async fn bind(stub: impl Answers, port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        Ok(Self { listener, stub: Arc::new(stub) })
    }

    /// Where it listens.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until the future is dropped.
    pub async fn serve(self) {
        loop {
            // A connection that could not be accepted is the peer's loss, or the file limit's; either may pass.
            let Ok((stream, _)) = self.listener.accept().await else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            let stub = self.stub.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let stub = stub.clone();
                    async move { answer(&*stub, request).await }
                });
                // An error here is a connection that ended badly: nobody is left to tell.
                let _ = hyper::server::conn::http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    }
}

/// A stub on hyper, on a free port, served in the background for as long as the value lives.
#[derive(Debug)]
pub struct BackgroundStub {
    address: SocketAddr,
    /// Serving ends when it is dropped.
    _runtime: tokio::runtime::Runtime,
}

impl BackgroundStub {
    /// Starts it.
    pub fn start(stub: impl Answers) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let server = runtime.block_on(HyperStub::bind(stub, 0))?;
        let address = server.address()?;
        runtime.spawn(server.serve());
        Ok(Self { address, _runtime: runtime })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// A connection that the stub was told to drop.
#[derive(Debug, thiserror::Error)]
#[error("told to drop the connection")]
struct Dropped;

impl From<Infallible> for Dropped {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

async fn answer(
    stub: &dyn Answers,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>, Dropped> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, MOST_BODY_BYTES).collect().await {
        Ok(body) => body.to_bytes().to_vec(),
        Err(_) => return Err(Dropped),
    };
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let request =
        Request { method: parts.method.to_string(), path, headers: headers(&parts.headers), body: Some(body.into()) };
    match stub.reply(&request) {
        Reply::Answer(response) => {
            let mut builder = hyper::Response::builder().status(response.status);
            for (name, value) in &response.headers {
                builder = builder.header(name, value);
            }
            builder.body(Full::new(Bytes::from(response.body))).map_err(|_| Dropped)
        }
        Reply::Hang => {
            tokio::time::sleep(HANG).await;
            Err(Dropped)
        }
        Reply::Drop => Err(Dropped),
    }
}
