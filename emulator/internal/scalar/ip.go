package scalar

import (
	"net/netip"
	"strings"
)

func awsIPAddress() Scalar {
	return &textScalar{
		name: "AWSIPAddress",
		description: "An IPv4 or IPv6 address, with or without a subnet mask in CIDR notation, such as " +
			"`123.12.34.56`, `123.45.67.89/16` or `1a2b:3c4b::1234:4567`.",
		noun:  "valid IP address.",
		valid: validIPAddress,
	}
}

func validIPAddress(text string) bool {
	if strings.IndexByte(text, '/') >= 0 {
		_, err := netip.ParsePrefix(text)
		return err == nil
	}
	addr, err := netip.ParseAddr(text)
	return err == nil && addr.Zone() == ""
}
