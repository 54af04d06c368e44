/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vCPUs that run in a restricted context.
 */
#ifndef __KVM_X86_ASI_H
#define __KVM_X86_ASI_H

#include <linux/asi.h>
#include <linux/kvm_host.h>

#ifdef CONFIG_ASI

void kvm_asi_init(void);
void kvm_asi_uninit(void);
int kvm_asi_create(struct kvm_vcpu *vcpu);
void kvm_asi_destroy(struct kvm_vcpu *vcpu);
int kvm_asi_give(struct kvm_vcpu *vcpu, const void *start, size_t size);
int kvm_asi_give_module(struct kvm_vcpu *vcpu, struct module *module);
int kvm_asi_attach(struct kvm_vcpu *vcpu);
void kvm_asi_detach(struct kvm_vcpu *vcpu);

/* The guest is about to run. Interrupts are off. */
static inline void kvm_asi_enter(struct kvm_vcpu *vcpu)
{
	if (asi_is_on() && vcpu->arch.asi)
		WARN_ON_ONCE(asi_enter(vcpu->arch.asi));
}

/* It has run. What of the kernel handles that may stay in the context. */
static inline void kvm_asi_relax(struct kvm_vcpu *vcpu)
{
	if (asi_is_on() && vcpu->arch.asi)
		asi_relax();
}

#else /* !CONFIG_ASI */

static inline void kvm_asi_init(void)
{
}

static inline void kvm_asi_uninit(void)
{
}

static inline int kvm_asi_create(struct kvm_vcpu *vcpu)
{
	return 0;
}

static inline void kvm_asi_destroy(struct kvm_vcpu *vcpu)
{
}

static inline int kvm_asi_give(struct kvm_vcpu *vcpu, const void *start,
			       size_t size)
{
	return 0;
}

static inline int kvm_asi_give_module(struct kvm_vcpu *vcpu,
				      struct module *module)
{
	return 0;
}

static inline int kvm_asi_attach(struct kvm_vcpu *vcpu)
{
	return 0;
}

static inline void kvm_asi_detach(struct kvm_vcpu *vcpu)
{
}

static inline void kvm_asi_enter(struct kvm_vcpu *vcpu)
{
}

static inline void kvm_asi_relax(struct kvm_vcpu *vcpu)
{
}

#endif /* !CONFIG_ASI */

#endif /* __KVM_X86_ASI_H */
