package atlastest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

var cloudProviders = []string{"AWS", "AZURE", "GCP"}

// getAccountDetails responds for every region, whether it exists or not.
func getAccountDetails(_ *Server, c *call) (int, any, *apiError) {
	provider, region := c.query.Get("cloudProvider"), c.query.Get("regionName")
	var bad []FieldError
	switch {
	case provider == "":
		bad = append(bad, FieldError{"cloudProvider", "is required"})
	case !slices.Contains(cloudProviders, strings.ToUpper(provider)):
		bad = append(bad, FieldError{"cloudProvider", "must be one of aws, azure, gcp"})
	}
	if region == "" {
		bad = append(bad, FieldError{"regionName", "is required"})
	}
	if len(bad) > 0 {
		return 0, nil, invalid(bad...)
	}
	return http.StatusOK, c.project.account(provider, region), nil
}

// account returns the configured or generated details. Generated ones are stable per project, provider and region.
func (p *project) account(provider, region string) map[string]any {
	key := clusterKey(provider, region)
	sum := sha256.Sum256([]byte(p.id + "/" + key))
	unique := hex.EncodeToString(sum[:])
	out := map[string]any{
		"cloudProvider": strings.ToLower(provider),
		"cidrBlock":     fmt.Sprintf("10.%d.%d.0/21", sum[0], sum[1]&0xf8),
	}
	switch strings.ToUpper(provider) {
	case "AWS":
		out["awsAccountId"] = fmt.Sprintf("%012d", binary.BigEndian.Uint64(sum[:])%1e12)
		out["vpcId"] = "vpc-" + unique[:17]
	case "AZURE":
		out["azureSubscriptionId"] = fmt.Sprintf("%s-%s-4%s-8%s-%s",
			unique[:8], unique[8:12], unique[13:16], unique[17:20], unique[20:32])
		out["virtualNetworkName"] = "vnet_" + unique[:24]
	default:
		out["gcpProjectId"] = "p-" + unique[:24]
		out["vpcNetworkName"] = "nt-" + unique[:24]
	}
	for name, value := range p.accountDetails[key] {
		if out[name] = value; value == nil {
			delete(out, name)
		}
	}
	return out
}

// SetAccountDetails sets fields of the account details of a provider and region, by their wire names. They override
// the generated ones; nil removes a field. Each call replaces the fields of the previous one. The spellings of a
// region are equivalent (us-east-1, US_EAST_1). The project is created if necessary.
func (s *Server) SetAccountDetails(projectID, provider, region string, fields map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ensureProject(projectID).accountDetails[clusterKey(provider, region)] = cloneObject(fields)
}
