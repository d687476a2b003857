//! What an execution with a network reaches, and what it never does.

use crate::support::{Machine, Said, git};
use domain::executions::{EventBody, Stream};
use domain::repositories::Network;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

/// Serves a folder's files, and at `/echo` what it was asked.
fn serve(at: &str, folder: PathBuf) -> SocketAddr {
    let listener = TcpListener::bind((at, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let head: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
            drop(answer(&stream, &folder, &head));
        }
    });
    address
}

fn answer(mut stream: impl Write, folder: &Path, head: &[String]) -> std::io::Result<()> {
    let path = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or("/");
    let (status, body) = match path {
        "/echo" => (200, head.join("\n").into_bytes()),
        _ => match std::fs::read(folder.join(path.split('?').next().unwrap().trim_start_matches('/'))) {
            Ok(bytes) => (200, bytes),
            Err(_) => (404, Vec::new()),
        },
    };
    let length = body.len();
    write!(stream, "HTTP/1.1 {status} Said\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n")?;
    stream.write_all(&body)
}

async fn run(machine: &Machine, network: Network, reachable: &[&str], script: &str) -> Said {
    let checkout = machine.check_out().await;
    let mut spec = machine.spec(&checkout, script);
    spec.network = network;
    spec.reachable = reachable.iter().map(|network| network.parse().unwrap()).collect();
    machine.run_spec(&spec).await
}

fn notices(said: &Said) -> Vec<&str> {
    said.events()
        .filter_map(|event| match event {
            EventBody::Notice { text } => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn curl_and_git_reach_what_is_allowed_and_it_is_told() {
    let machine = Machine::new().await;
    let folder = machine.folder.path().join("served");
    std::fs::create_dir(&folder).unwrap();
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    std::fs::write(folder.join("large"), &large).unwrap();
    let origin = machine.folder.path().join("repositories/example");
    git(&folder, &["clone", "--quiet", "--bare", origin.to_str().unwrap(), "example.git"]);
    git(&folder.join("example.git"), &["update-server-info"]);
    let address = serve("127.0.0.77", folder);
    let script = format!(
        "curl -sS http://{address}/echo -H 'proxy-connection: x' -H 'connection: x-own' -H 'x-own: 1'; echo\n\
         curl -sS -p http://{address}/large | cksum\n\
         curl -sS --data-binary @- http://{address}/large < /dev/null | cksum\n\
         git clone --quiet http://{address}/example.git copy; git -C copy log --format=%s\n\
         curl -s --noproxy '*' --max-time 5 http://{address}/echo || echo no other way"
    );
    let said = run(&machine, Network::Full, &["127.0.0.77/32"], &script).await;
    assert_eq!(said.facts().exit_code, Some(0), "{said:?}");
    let printed = said.text(Stream::Stdout);
    let echo = printed.split_once("First").unwrap().0.to_lowercase();
    assert!(echo.starts_with("get /echo http/1.1\n") && echo.contains(&format!("host: {address}")), "{echo}");
    assert!(!echo.contains("x-own") && !echo.contains("proxy-"), "{echo}");
    let sums: Vec<_> = printed.lines().filter(|line| line.ends_with(" 3000000")).collect();
    assert_eq!(sums.len(), 2, "{printed}");
    assert_eq!(sums[0], sums[1]);
    assert!(printed.ends_with("First\nno other way\n"), "{printed}");
    let told = notices(&said);
    assert_eq!(told[0], format!("Network: {address} reached."));
    let sum = told.last().unwrap();
    assert!(sum.starts_with(&format!("Network: {address}: ")) && sum.contains(" connections, "), "{sum}");
    let received: u64 = sum.rsplit(", ").next().unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!((6_000_000..6_100_000).contains(&received), "{sum}");
}

#[tokio::test]
async fn this_machine_and_its_networks_are_refused() {
    let machine = Machine::new().await;
    let loopback = serve("127.0.0.1", machine.folder.path().to_owned());
    let allowed = serve("127.0.0.77", machine.folder.path().to_owned());
    let own = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim().to_owned();
    let mut script = String::from(
        "ask() { curl -s -o /dev/null -w '%{http_code}\\n' --noproxy '' --max-time 20 \"$@\" || :; }\n",
    );
    let port = loopback.port();
    let refused = [
        format!("http://{loopback}/"),
        format!("http://localhost:{port}/"),
        format!("http://{own}:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0.0.0.0:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://[64:ff9b::7f00:1]:{port}/"),
        "http://127.0.0.1:5432/".to_owned(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://10.0.0.1/".to_owned(),
        "http://192.168.1.1/".to_owned(),
        "http://100.64.0.1/".to_owned(),
        "http://[fd00:ec2::254]/".to_owned(),
        "http://224.0.0.1/".to_owned(),
    ];
    for url in &refused {
        script.push_str(&format!("ask '{url}'\n"));
    }
    script.push_str(
        "curl -s -o /dev/null -w '%{http_connect}\\n' -p --noproxy '' http://127.0.0.1:5432/ || :\n",
    );
    script.push_str(&format!("ask http://{allowed}/\n"));
    let said = run(&machine, Network::Full, &["127.0.0.77/32"], &script).await;
    let codes: Vec<_> = said.text(Stream::Stdout).lines().map(str::to_owned).collect();
    let mut expected = vec!["403"; refused.len() + 1];
    expected.push("404");
    assert_eq!(codes, expected, "{:#?}", notices(&said));
    let told = notices(&said);
    assert!(
        told.contains(&"Network: 169.254.169.254:80 is refused: 169.254.169.254 is a link-local address.")
    );
    assert!(
        told.contains(&"Network: 127.0.0.1:5432 is refused: 127.0.0.1 is a loopback address."),
        "{told:?}"
    );
}

#[tokio::test]
async fn without_a_network_there_is_nothing() {
    let machine = Machine::new().await;
    let address = serve("127.0.0.77", machine.folder.path().to_owned());
    let script = format!(
        "env | grep -i proxy || echo no proxy\n\
         curl -s --max-time 5 http://{address}/ || echo nothing\n\
         curl -s --max-time 5 -x http://127.0.0.1:3128 http://{address}/ || echo nothing"
    );
    let said = run(&machine, Network::None, &["127.0.0.77/32"], &script).await;
    assert_eq!(said.text(Stream::Stdout), "no proxy\nnothing\nnothing\n");
    assert_eq!(notices(&said), Vec::<&str>::new());
}

#[tokio::test]
async fn what_is_no_request_of_a_proxy_is_one_clear_sentence() {
    let machine = Machine::new().await;
    let script = r#"
curl -s --noproxy '*' http://127.0.0.1:3128/
curl -s --max-time 20 http://no-such-host.invalid/
curl -s --noproxy '*' -X CONNECT http://127.0.0.1:3128/ || :
head -c 100000 /dev/zero | tr '\0' x | curl -s -o /dev/null -w '%{http_code}\n' --noproxy '*' -H @- http://127.0.0.1:3128/ || :
"#;
    let said = run(&machine, Network::Full, &[], script).await;
    let printed = said.text(Stream::Stdout);
    let mut lines = printed.lines();
    assert_eq!(
        lines.next(),
        Some("Switchboard: this is an HTTP proxy: it takes CONNECT, and requests to http:// URLs")
    );
    assert_eq!(
        lines.next(),
        Some("Switchboard: no-such-host.invalid:80 can't be reached: the name is not known."),
        "{printed}"
    );
}
