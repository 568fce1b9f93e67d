/** Names of container images, and the digests that tags mean. */
@NullMarked
package com.mcpist.deploy.image;

import org.jspecify.annotations.NullMarked;
