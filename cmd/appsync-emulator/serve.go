package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"

	"appsync-emulator/emulator"
)

func serve(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	fs := newFlags("serve", "serve [PROJECT] [flags]",
		"Serves the project's API: GraphQL over HTTP and AppSync's real-time WebSocket\nprotocol, plain and over TLS, on one port.")
	var opt emulator.Options
	fs.StringVar(&opt.Listen, "listen", emulator.DefaultListen, "address to listen on")
	fs.StringVar(&opt.DataFile, "data", "", "data file (default: one per API in the user's configuration folder)")
	fs.BoolVar(&opt.InMemory, "in-memory", false, "keep the data only while serving, and do not wait for the disk")
	fs.StringVar(&opt.TLSCert, "tls-cert", "", "PEM certificate to serve instead of one of the local authority")
	fs.StringVar(&opt.TLSKey, "tls-key", "", "PEM key of --tls-cert")
	fs.BoolVar(&opt.NoTLS, "no-tls", false, "serve plain HTTP alone and make no certificate authority")
	fs.StringVar(&opt.ConfigDir, "config-dir", "", "folder of the certificate authority and data files (default: the user's configuration folder)")
	fs.Uint64Var(&opt.Seed, "seed", 0, "make identifiers and random numbers reproducible (0: random)")
	fs.StringArrayVar(&opt.AllowHosts, "allow-host", nil, "admit requests to /_emulator/ that name this machine `HOST`, besides localhost")
	fs.StringArrayVar(&opt.AllowOrigins, "allow-origin", nil, "admit requests of web pages at `ORIGIN` to /_emulator/ and DynamoDB, besides those of localhost")
	fs.StringVar(&opt.LambdaEndpoint, "lambda-endpoint", "", "`URL` of the server that runs the project's Lambda functions, as sam local start-lambda or LocalStack")
	functions := fs.StringArray("lambda", nil, "run one Lambda function elsewhere, as `NAME=URL`, such as in a container image of its own")
	signatures := fs.Bool("check-signatures", false, "have requests in DynamoDB's protocol signed with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the environment")
	scenarioFile := fs.String("faults", "", "let go wrong what a scenario `FILE` says, from the start on")
	watched := fs.Bool("watch", false, "serve the project anew whenever one of its files changes; data and connections stay")
	level := fs.String("log-level", "info", "debug, info, warn or error")
	from := fs.projectFlags()
	if code, done := fs.parse(args, 1, stdout, stderr); done {
		return code
	}
	var err error
	if opt.LambdaFunctions, err = lambdaFunctions(*functions); err == nil {
		err = check(&opt)
	}
	if err == nil && *signatures {
		opt.Credentials, err = environmentCredentials()
	}
	if err != nil {
		fmt.Fprintln(stderr, "appsync-emulator serve:", err)
		return exitUsage
	}
	var logLevel slog.Level
	if err := logLevel.UnmarshalText([]byte(*level)); err != nil {
		fmt.Fprintf(stderr, "appsync-emulator serve: --log-level %q: want debug, info, warn or error\n", *level)
		return exitUsage
	}
	opt.Logger = slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: logLevel}))

	project, ok := from.load(stderr)
	if !ok {
		return exitFailure
	}
	var scenario *emulator.Scenario
	if *scenarioFile != "" {
		if scenario, ok = loadScenario(project, *scenarioFile, stderr); !ok {
			return exitFailure
		}
	}
	e, err := emulator.New(project, opt)
	if err != nil {
		fmt.Fprintln(stderr, "appsync-emulator:", err)
		if errors.Is(err, emulator.ErrDataInUse) {
			fmt.Fprintln(stderr, "Another emulator has the data; --data FILE or --in-memory serve without it, and `export` and `import` reach it by --url.")
		}
		return exitFailure
	}
	if scenario != nil {
		e.StartScenario(scenario) // before the first request
	}
	if err := e.Start(ctx); err != nil {
		e.Close()
		fmt.Fprintln(stderr, "appsync-emulator:", err)
		return exitFailure
	}
	banner(stdout, stderr, project, e, !opt.NoTLS)
	if *watched {
		watch(ctx, e, project, stdout, stderr)
	}
	<-ctx.Done()
	if err := e.Close(); err != nil {
		fmt.Fprintln(stderr, "appsync-emulator:", err)
		return exitFailure
	}
	return exitOK
}

func check(opt *emulator.Options) error {
	switch {
	case (opt.TLSCert == "") != (opt.TLSKey == ""):
		return fmt.Errorf("--tls-cert and --tls-key go together")
	case opt.NoTLS && opt.TLSCert != "":
		return fmt.Errorf("--no-tls and --tls-cert exclude each other")
	case opt.InMemory && opt.DataFile != "":
		return fmt.Errorf("--in-memory and --data exclude each other")
	}
	if opt.LambdaEndpoint != "" && !isHTTP(opt.LambdaEndpoint) {
		return fmt.Errorf("--lambda-endpoint %s: want a URL such as http://127.0.0.1:3001", opt.LambdaEndpoint)
	}
	if _, _, err := net.SplitHostPort(opt.Listen); err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	return nil
}

// lambdaFunctions reads the values of --lambda, NAME=URL.
func lambdaFunctions(values []string) (map[string]string, error) {
	out := map[string]string{}
	for _, v := range values {
		name, address, ok := strings.Cut(v, "=")
		switch {
		case !ok || name == "" || !isHTTP(address):
			return nil, fmt.Errorf("--lambda %s: want NAME=URL, such as resolve=http://127.0.0.1:9000", v)
		case out[name] != "":
			return nil, fmt.Errorf("--lambda: function %s is given twice", name)
		}
		out[name] = address
	}
	return out, nil
}

// environmentCredentials returns the access key that AWS's own tools would use.
func environmentCredentials() (map[string]string, error) {
	key, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	if key == "" || secret == "" {
		return nil, errors.New("--check-signatures: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set in the environment")
	}
	return map[string]string{key: secret}, nil
}

func isHTTP(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// banner tells where the API is and what to paste into an app.
func banner(w, stderr io.Writer, p *emulator.Project, e *emulator.Emulator, tls bool) {
	data := "in memory, gone when this stops"
	if file := e.DataFile(); file != "" {
		data = file
	}
	from := p.File()
	if kind := p.Kind(); kind != "" {
		from += ", " + kind
	}
	fmt.Fprintf(w, "%s is served from %s\n\n", p.Name(), from)
	fmt.Fprintf(w, "  GraphQL    %s\n", e.URL())
	fmt.Fprintf(w, "  real time  %s\n", e.RealtimeURL())
	if tls {
		fmt.Fprintf(w, "             wss:%s\n", strings.TrimPrefix(e.RealtimeURL(), "ws:"))
	}
	if key := e.APIKey(); key != "" {
		fmt.Fprintf(w, "  API key    %s\n", key)
	}
	fmt.Fprintf(w, "  DynamoDB   %s\n", strings.TrimSuffix(e.URL(), "/graphql"))
	fmt.Fprintf(w, "  data       %s\n", data)
	if ca := e.CACertificate(); ca != "" {
		fmt.Fprintf(w, "  TLS        trust %s (see: appsync-emulator trust)\n", ca)
	}
	if host, _, err := net.SplitHostPort(e.Addr()); err == nil && !isLoopback(host) {
		fmt.Fprintf(stderr, "WARNING: listening on %s: everybody who reaches this machine reaches this API and its data.\n", e.Addr())
	}
	if e.APIKey() != "" {
		fmt.Fprintf(w, "\nFor Amplify:\n\n"+
			"  Amplify.configure({ API: { GraphQL: {\n"+
			"    endpoint: '%s', region: 'us-east-1',\n"+
			"    defaultAuthMode: 'apiKey', apiKey: '%s',\n"+
			"  } } })\n", e.URL(), e.APIKey())
	}
	fmt.Fprintln(w)
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
