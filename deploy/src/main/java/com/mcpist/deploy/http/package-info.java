/**
 * A vendor's HTTP interface, with what every one of them needs: deadlines, a retry where it is safe
 * and nowhere else, limits kept, and errors in the vendor's words without a secret in them.
 */
@NullMarked
package com.mcpist.deploy.http;

import org.jspecify.annotations.NullMarked;
