"""What carries Stripe's SDK knows Stripe by its certificate, and by nothing else."""

import ssl
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import pytest
import stripe
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from souk.gateways.stripe_http import Urllib3Client
from souk.kernel import clock


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of 127.0.0.1 and by itself, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(clock.now() - timedelta(days=1)).not_valid_after(clock.now() + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = tmp_path / "server.pem"
    file.write_bytes(secret + made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    return file


class Paid(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"paid")

    def log_message(self, *_: object) -> None: ...


def test_who_only_says_to_be_stripe_is_not_spoken_to_and_not_tried_again(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with HTTPServer(("127.0.0.1", 0), Paid) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"https://127.0.0.1:{server.server_port}/v1/balance"
        with pytest.raises(stripe.APIConnectionError, match="CERTIFICATE_VERIFY_FAILED") as stranger:
            Urllib3Client(2.0).request("get", url, {})
        assert not stranger.value.should_retry

        monkeypatch.setattr(stripe, "ca_bundle_path", str(certificate))
        assert Urllib3Client(2.0).request("get", url, {})[:2] == (b"paid", 200)
        server.shutdown()
