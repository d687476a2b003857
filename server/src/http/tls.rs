//! TLS by rustls, for those who have no reverse proxy.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::Tls;

/// Reads the certificate chain and its key.
///
/// # Errors
/// Names the file that can't be used.
pub fn acceptor(tls: &Tls) -> anyhow::Result<TlsAcceptor> {
    let chain = certificates(&tls.certificate)
        .with_context(|| format!("SWITCHBOARD_TLS_CERT ({})", tls.certificate.display()))?;
    let key = PrivateKeyDer::from_pem_file(&tls.key)
        .with_context(|| format!("SWITCHBOARD_TLS_KEY ({})", tls.key.display()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("SWITCHBOARD_TLS_CERT and SWITCHBOARD_TLS_KEY do not belong together")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn certificates(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path)?.collect();
    let chain = chain?;
    anyhow::ensure!(!chain.is_empty(), "the file holds no certificate");
    Ok(chain)
}
