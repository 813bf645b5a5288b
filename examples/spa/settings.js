// SPDX-License-Identifier: Apache-2.0
// Where Pratu is. The address of this page is where it sends the browser back to.
const ISSUER = "https://localhost:8443";
