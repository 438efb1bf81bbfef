package server

import "strings"

// TrustInstructions tells how each platform is made to trust an authority whose
// certificate is in a file.
func TrustInstructions(file string) string {
	return strings.ReplaceAll(trustInstructions, "FILE", `"`+file+`"`)
}

const trustInstructions = `Clients that speak TLS to the emulator must trust the certificate in
  FILE

Amplify JS 6 does so for every subscription, also with an http:// endpoint.

Node.js (for the process that runs the client)
  export NODE_EXTRA_CA_CERTS=FILE
  PowerShell: $env:NODE_EXTRA_CA_CERTS = FILE

macOS (Safari, Chrome, curl)
  security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db FILE

Windows (Edge, Chrome)
  certutil -user -addstore Root FILE

Linux
  Debian, Ubuntu:   sudo cp FILE /usr/local/share/ca-certificates/appsync-emulator.crt && sudo update-ca-certificates
  Fedora, Arch:     sudo trust anchor FILE
  Chrome, Chromium: mkdir -p $HOME/.pki/nssdb && certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n appsync-emulator -i FILE

Firefox
  Settings, Privacy & Security, View Certificates, Authorities, Import: choose the
  file and tick "Trust this CA to identify websites".
  On macOS and Windows, security.enterprise_roots.enabled in about:config makes
  Firefox trust what the system trusts.

Any browser, without trusting anything: open /_emulator/health at the host and port
of the app's endpoint once, as in https://127.0.0.1:PORT/_emulator/health, and accept
the warning. It lasts for that browser and that host.

iOS simulator (while it runs)
  xcrun simctl keychain booted add-root-cert FILE

Android emulator (reaches this machine at 10.0.2.2)
  adb push FILE /sdcard/Download/appsync-emulator.crt
  Then in the emulator: Settings, Security, Encryption & credentials, Install a
  certificate, CA certificate. The app has to admit certificates that users
  install, in res/xml/network_security_config.xml of its debug build:
    <network-security-config><debug-overrides><trust-anchors>
      <certificates src="user"/><certificates src="system"/>
    </trust-anchors></debug-overrides></network-security-config>

curl, Python
  curl --cacert FILE https://localhost:PORT/_emulator/health
  export SSL_CERT_FILE=FILE REQUESTS_CA_BUNDLE=FILE
`
