//! A server of which the test scripts every byte, on a free port of the loopback interface: what no well-behaved server
//! would send can be sent from here. It ends, and so do its connections, when it is dropped.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use fencepost::exchange::{Request, Response};

/// A server that listens for as long as the value lives.
pub(crate) struct Server {
    pub(crate) door: Arc<Door>,
    acceptor: Option<JoinHandle<()>>,
}

/// What decides whether connections are let in.
pub(crate) struct Door {
    pub(crate) address: SocketAddr,
    shut: AtomicBool,
    /// How many connections have been let in.
    entered: AtomicUsize,
    open: Mutex<HashMap<usize, TcpStream>>,
    /// So many are let in at a time.
    most: usize,
    /// Told when somebody leaves.
    left: Condvar,
}

/// The other end of a connection.
pub(crate) struct Peer {
    pub(crate) stream: TcpStream,
    pub(crate) door: Arc<Door>,
}

impl Server {
    /// A server that leaves every connection to `handle`, each in a thread of its own.
    pub(crate) fn start(handle: impl Fn(&Peer) + Send + Sync + 'static) -> Self {
        Self::at(SocketAddr::from((address_of_its_own(), 0)), handle)
    }

    /// The same where a server was before.
    pub(crate) fn at(address: SocketAddr, handle: impl Fn(&Peer) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).expect("the address can be listened on");
        Self::over(listener, usize::MAX, handle)
    }

    /// A server that lets in no more than so many at a time; few of the others can even connect.
    pub(crate) fn letting_in(most: usize, handle: impl Fn(&Peer) + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let listener = runtime.block_on(async {
            let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
            socket.bind(SocketAddr::from((address_of_its_own(), 0))).expect("the address can be listened on");
            let listener = socket.listen(1).expect("the address can be listened on");
            listener.into_std().expect("it is one of the system's")
        });
        listener.set_nonblocking(false).expect("it may block");
        Self::over(listener, most, handle)
    }

    fn over(listener: TcpListener, most: usize, handle: impl Fn(&Peer) + Send + Sync + 'static) -> Self {
        let address = listener.local_addr().expect("a listener has an address");
        let door = Arc::new(Door {
            address,
            shut: AtomicBool::new(false),
            entered: AtomicUsize::new(0),
            open: Mutex::new(HashMap::new()),
            most,
            left: Condvar::new(),
        });
        let acceptor = thread::spawn({
            let door = door.clone();
            move || accept(&listener, &door, &Arc::new(handle))
        });
        Self { door, acceptor: Some(acceptor) }
    }

    /// A server that reads requests, and writes whatever bytes `script` returns for each; it closes the connection
    /// where that is nothing. A script that hangs calls [`Peer::hang`].
    pub(crate) fn http(script: impl Fn(&Request, &Peer) -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        Self::start(move |peer| peer.serve(&script))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.door.address)
    }
}

/// An address that hardly any other server has: where one has gone, nobody else answers in its place.
fn address_of_its_own() -> Ipv4Addr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    if !cfg!(target_os = "linux") {
        return Ipv4Addr::LOCALHOST;
    }
    let number = std::process::id().wrapping_mul(251).wrapping_add(NEXT.fetch_add(1, Ordering::SeqCst));
    let [_, _, a, b] = (number / 254).to_be_bytes();
    let last = u8::try_from(number % 254).unwrap_or_default() + 1;
    Ipv4Addr::new(127, a, b, last)
}

impl Drop for Server {
    fn drop(&mut self) {
        self.door.close();
        if let Some(acceptor) = self.acceptor.take() {
            // A script that panicked has said so on standard error.
            let _ = acceptor.join();
        }
    }
}

fn accept<H: Fn(&Peer) + Send + Sync + 'static>(listener: &TcpListener, door: &Arc<Door>, handle: &Arc<H>) {
    let mut handlers: Vec<JoinHandle<()>> = Vec::new();
    while door.is_free()
        && let Ok((stream, _)) = listener.accept()
    {
        let Some(number) = door.let_in(&stream) else { break };
        handlers.retain(|handler| !handler.is_finished());
        let (door, handle) = (door.clone(), handle.clone());
        handlers.push(thread::spawn(move || {
            let peer = Peer { stream, door };
            handle(&peer);
            peer.door.open().remove(&number);
            peer.door.left.notify_all();
        }));
    }
    for handler in handlers {
        let _ = handler.join();
    }
}

impl Door {
    /// Lets nobody in any more, and throws everybody out.
    pub(crate) fn close(&self) {
        let open = self.open();
        if self.shut.swap(true, Ordering::SeqCst) {
            return;
        }
        for stream in open.values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        drop(open);
        self.left.notify_all();
        // Wakes the acceptor, which then gives its port up.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
    }

    /// Remembers a connection, under a number; nothing where the door is shut.
    fn let_in(&self, stream: &TcpStream) -> Option<usize> {
        let mut open = self.open();
        if self.shut.load(Ordering::SeqCst) {
            return None;
        }
        let number = self.entered.fetch_add(1, Ordering::SeqCst);
        open.insert(number, stream.try_clone().ok()?);
        Some(number)
    }

    /// Waits until one more may be let in; false where the door is shut.
    fn is_free(&self) -> bool {
        let is_full = |open: &mut HashMap<_, _>| open.len() >= self.most && !self.shut.load(Ordering::SeqCst);
        drop(self.left.wait_while(self.open(), is_full).unwrap_or_else(PoisonError::into_inner));
        !self.shut.load(Ordering::SeqCst)
    }

    fn open(&self) -> MutexGuard<'_, HashMap<usize, TcpStream>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Peer {
    /// Reads requests, and answers each as the script says.
    pub(crate) fn serve(&self, script: &impl Fn(&Request, &Self) -> Option<Vec<u8>>) {
        let mut reader = BufReader::new(&self.stream);
        while let Some(request) = read_request(&mut reader) {
            let Some(bytes) = script(&request, self) else { return };
            if (&self.stream).write_all(&bytes).is_err() {
                return;
            }
        }
    }

    /// Says nothing until the other end goes away, or the server ends.
    pub(crate) fn hang(&self) {
        let _ = io::copy(&mut &self.stream, &mut io::sink());
    }
}

/// The bytes of an ordinary answer.
pub(crate) fn bytes_of(request: &Request, response: &Response) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {} Scripted\r\n", response.status).into_bytes();
    for (name, value) in &response.headers {
        bytes.extend(format!("{name}: {value}\r\n").into_bytes());
    }
    bytes.extend(format!("Content-Length: {}\r\n\r\n", response.body.len()).into_bytes());
    if request.method != "HEAD" {
        bytes.extend(&response.body);
    }
    bytes
}

/// An ordinary answer with a JSON body.
pub(crate) fn json(status: u16, body: &str) -> Response {
    let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    Response { status, headers, body: body.as_bytes().to_vec(), unread: None }
}

/// The next request; nothing at the end of the connection, or where what comes is none.
pub(crate) fn read_request(reader: &mut impl BufRead) -> Option<Request> {
    let first = read_line(reader)?;
    let (method, rest) = first.split_once(' ')?;
    let (path, _version) = rest.rsplit_once(' ')?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(reader)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let mut request = Request { method: method.to_owned(), path: path.to_owned(), headers, body: None };
    if let Some(length) = request.header("content-length") {
        let mut body = vec![0; length.parse().ok()?];
        reader.read_exact(&mut body).ok()?;
        request.body = Some(body.into());
    }
    Some(request)
}

fn read_line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).ok()?;
    let line = line.strip_suffix(b"\r\n")?;
    Some(String::from_utf8_lossy(line).into_owned())
}
